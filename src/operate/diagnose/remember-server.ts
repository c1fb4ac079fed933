import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/** Which history of the log positions belong to: the same number in another one means other bytes. */
export interface ServerIdentity {
  /** Made once by initdb; copied servers and standbys share it. */
  readonly systemIdentifier: string;
  /** Counts promotions and restores to a point in time. */
  readonly timeline: number;
}

export interface RememberedServer extends ServerIdentity {
  readonly seenAt: Date;
}

const IDENTITY = `
  (select system_identifier::text from pg_control_system()) as system_identifier,
  ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer as timeline`;

interface IdentityRow {
  readonly system_identifier: string;
  readonly timeline: number;
}

/** The timeline that is written to now: pg_control_checkpoint() shows a new one only after its first checkpoint. */
export async function readServerIdentity(db: Queryable): Promise<ServerIdentity> {
  const { rows } = await db.query<IdentityRow>({ name: 'read_server_identity', text: `select ${IDENTITY}` });
  const [row] = rows;
  if (row === undefined) throw new Error('Postgres gave no answer.');
  return { systemIdentifier: row.system_identifier, timeline: row.timeline };
}

/** Where the connector was last seen healthy; undefined when it never was. */
export async function readRememberedServer(
  db: Queryable,
  connector: string,
): Promise<RememberedServer | undefined> {
  const { rows } = await db.query<IdentityRow & { readonly seen_at: Date }>({
    name: 'read_remembered_server',
    text: 'select system_identifier, timeline, seen_at from pipeline.connector_servers where connector = $1',
    values: [connector],
  });
  const [row] = rows;
  return row && { systemIdentifier: row.system_identifier, timeline: row.timeline, seenAt: row.seen_at };
}

/**
 * Notes that the connector is healthy on the server as it is now. To be called only after `diagnoseConnector` found nothing, or after
 * the re-snapshot that mended what it found: later diagnoses compare with this. Does nothing for a connector whose service is not known.
 */
export async function rememberServer({ file, service }: OperatedConnector): Promise<void> {
  await service?.pool.query({
    name: 'remember_server',
    text: `
      insert into pipeline.connector_servers (connector, system_identifier, timeline) select $1, ${IDENTITY}
      on conflict (connector) do update
      set system_identifier = excluded.system_identifier, timeline = excluded.timeline, seen_at = clock_timestamp()`,
    values: [file.name],
  });
}
