import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';

/** Which history of the log positions belong to: the same number in another one means other bytes. */
export interface ServerIdentity {
  /** Made once by initdb; copied servers and standbys share it. */
  readonly systemIdentifier: string;
  /** Counts promotions and restores to a point in time. */
  readonly timeline: number;
}

/** As it is now, with what a failover depends on. */
export interface ServerState extends ServerIdentity {
  /** Slots of standbys that get everything before the reader of a failover slot does (`synchronized_standby_slots`). */
  readonly awaitedStandbys: readonly string[];
  /** The slot of its own through which it followed its primary (`primary_slot_name`); empty when it never did. */
  readonly followedThrough: string;
}

export interface RememberedServer extends ServerIdentity {
  readonly awaitedStandbys: readonly string[];
  readonly seenAt: Date;
}

interface ServerRow {
  readonly system_identifier: string;
  readonly timeline: number;
  readonly awaited_standbys: string[];
}

/** The timeline that is written to now: pg_control_checkpoint() shows a new one only after its first checkpoint. */
export async function readServerState(db: Queryable): Promise<ServerState> {
  const { rows } = await db.query<ServerRow & { readonly followed_through: string }>({
    name: 'read_server_state',
    text: `
      select (select system_identifier::text from pg_control_system()) as system_identifier,
             ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer as timeline,
             regexp_split_to_array(replace(current_setting('synchronized_standby_slots'), '"', ''), '\\s*,\\s*') as awaited_standbys,
             current_setting('primary_slot_name') as followed_through`,
  });
  const [row] = rows;
  if (row === undefined) throw new Error('Postgres gave no answer.');
  return {
    ...identityOf(row),
    awaitedStandbys: row.awaited_standbys.filter((name) => name !== ''),
    followedThrough: row.followed_through,
  };
}

const identityOf = (row: ServerRow): ServerIdentity => ({
  systemIdentifier: row.system_identifier,
  timeline: row.timeline,
});

/** Where the connector was last seen healthy; undefined when it never was. */
export async function readRememberedServer(
  db: Queryable,
  connector: string,
): Promise<RememberedServer | undefined> {
  const { rows } = await db.query<ServerRow & { readonly seen_at: Date }>({
    name: 'read_remembered_server',
    text: 'select system_identifier, timeline, awaited_standbys, seen_at from pipeline.connector_servers where connector = $1',
    values: [connector],
  });
  const [row] = rows;
  return row && { ...identityOf(row), awaitedStandbys: row.awaited_standbys, seenAt: row.seen_at };
}

/** What a diagnosis saw, and when it began. */
export interface SeenServer {
  readonly server: ServerState;
  readonly at: Date;
}

/**
 * Notes that the connector was healthy on this server then. To be called only with what `examineConnector` saw when it found nothing:
 * later diagnoses compare with this. What was seen before the last note changes nothing. Does nothing for a connector whose service is
 * not known.
 */
export async function rememberServer(
  { file, service }: OperatedConnector,
  { server, at }: SeenServer,
): Promise<void> {
  await service?.pool.query({
    name: 'remember_server',
    text: `
      insert into pipeline.connector_servers (connector, system_identifier, timeline, awaited_standbys, seen_at)
      values ($1, $2, $3, $4, $5)
      on conflict (connector) do update
      set (system_identifier, timeline, awaited_standbys, seen_at)
        = (excluded.system_identifier, excluded.timeline, excluded.awaited_standbys, excluded.seen_at)
      where connector_servers.seen_at < excluded.seen_at`,
    values: [file.name, server.systemIdentifier, server.timeline, server.awaitedStandbys, at],
  });
}

/**
 * Notes the server as it is now. Only for a connector that is about to begin without slot and offset, or whose place was found good
 * just now: nothing of before can be meant any more.
 */
export async function rememberServerNow(connector: OperatedConnector): Promise<void> {
  const db = connector.service?.pool;
  if (db === undefined) return;
  const { rows } = await db.query<{ readonly now: Date }>({
    name: 'read_server_time',
    text: 'select clock_timestamp() as now',
  });
  await rememberServer(connector, { server: await readServerState(db), at: rows[0]?.now ?? new Date() });
}
