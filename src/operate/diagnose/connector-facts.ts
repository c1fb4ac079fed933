import { offsetsOf, type ConnectClient, type ConnectorOffsets } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import type { ConnectorStatus } from '../../connect/connector-status.ts';
import { readPublication, type Publication } from '../../connect/publication.ts';
import { readReplicationSlot, type ReplicationSlot } from '../../connect/replication-slot.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedConnector } from '../operated-pipeline.ts';
import {
  readRememberedServer,
  readServerState,
  type RememberedServer,
  type ServerState,
} from './remember-server.ts';

/** What a diagnosis is made of, read once. */
export interface ConnectorFacts {
  readonly name: string;
  /** What Connect has or, where it has none, what the file says. */
  readonly config: ConnectorConfig;
  /** Undefined when Connect does not know the connector. */
  readonly status: ConnectorStatus | undefined;
  /** Of its present `topic.prefix`. */
  readonly offsets: ConnectorOffsets;
  /** Undefined when its service is not known: then nothing of Postgres is. */
  readonly postgres: PostgresFacts | undefined;
}

export interface PostgresFacts {
  /** Before anything else was looked at; by the server's clock, as all times here. */
  readonly at: Date;
  readonly database: string;
  readonly slot: ReplicationSlot | undefined;
  readonly publication: Publication | undefined;
  readonly server: ServerState;
  readonly remembered: RememberedServer | undefined;
  /** When a heal began that has not come to its end: whoever ran it died, or gave up. */
  readonly healBegunAt: Date | undefined;
  /** Since when a connector has been reading this database in one transaction, as Debezium does for a snapshot. */
  readonly snapshotSince?: Date | undefined;
  /** Where the log ended after the offsets had been read: none of this server's history can lie beyond. */
  readonly endOfLog?: bigint;
}

/**
 * The slot is read before the offsets: the connector stores an offset first and confirms it to the slot after, so that a slot read
 * first is never ahead by the time between the two looks.
 */
export async function readConnectorFacts(
  { file, service }: OperatedConnector,
  connect: ConnectClient,
): Promise<ConnectorFacts> {
  const config = (await connect.config(file.name)) ?? file.config;
  const postgres = service && (await readPostgresFacts(file.name, config, service));
  const offsets = offsetsOf(await connect.offsets(file.name), config['topic.prefix']);
  const endOfLog = service && (await readEndOfLog(service.pool));
  const status = await connect.status(file.name);
  return {
    ...{ name: file.name, config, status, offsets },
    postgres: postgres && { ...postgres, ...(endOfLog === undefined ? {} : { endOfLog }) },
  };
}

/** Where the server writes next. */
export async function readEndOfLog(db: Queryable): Promise<bigint | undefined> {
  const { rows } = await db.query<{ readonly lsn: string }>({
    name: 'read_end_of_log',
    text: `select (pg_current_wal_lsn() - '0/0')::text as lsn`,
  });
  return rows[0] && BigInt(rows[0].lsn);
}

async function readPostgresFacts(
  name: string,
  config: ConnectorConfig,
  { pool, database }: NonNullable<OperatedConnector['service']>,
): Promise<PostgresFacts> {
  const begun = await readLastHeal(pool, name);
  const slot = await readReplicationSlot(pool, slotName(config));
  const [publication, server, remembered, snapshotSince] = await Promise.all([
    readPublication(pool, publicationName(config)),
    readServerState(pool),
    readRememberedServer(pool, name),
    readSnapshotStart(pool),
  ]);
  const isOver = remembered !== undefined && begun.at !== undefined && remembered.seenAt > begun.at;
  return {
    at: begun.now,
    database,
    slot,
    publication,
    server,
    remembered,
    healBegunAt: isOver ? undefined : begun.at,
    snapshotSince,
  };
}

/** Debezium names its sessions; only for a snapshot one of them stays in a transaction. */
async function readSnapshotStart(db: Queryable): Promise<Date | undefined> {
  const { rows } = await db.query<{ readonly since: Date | null }>({
    name: 'read_snapshot_start',
    text: `
      select min(xact_start) as since from pg_stat_activity
      where datname = current_database() and application_name like 'Debezium%' and backend_type = 'client backend'`,
  });
  return rows[0]?.since ?? undefined;
}

/** Begins the reason under which heal saves config and offsets, before it touches anything. */
export const HEAL = 'heal: ';

/** When the last heal began; a heal that ends well remembers the server afterwards. */
async function readLastHeal(db: Queryable, name: string): Promise<{ now: Date; at: Date | undefined }> {
  const { rows } = await db.query<{ readonly now: Date; readonly at: Date | null }>({
    name: 'read_last_heal',
    text: `
      select clock_timestamp() as now, max(saved_at) as at
      from pipeline.connector_saves where connector = $1 and starts_with(reason, $2)`,
    values: [name, HEAL],
  });
  return { now: rows[0]?.now ?? new Date(), at: rows[0]?.at ?? undefined };
}

/** With Debezium's defaults for what is left out. */
export const slotName = (config: ConnectorConfig): string => config['slot.name'] ?? 'debezium';
export const publicationName = (config: ConnectorConfig): string =>
  config['publication.name'] ?? 'dbz_publication';
export const outboxTable = (config: ConnectorConfig): string =>
  config['table.include.list'] ?? 'pipeline.outbox';
