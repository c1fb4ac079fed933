import type { Queryable } from '../platform/postgres/statement.ts';
import { waitUntil } from '../platform/wait-until.ts';

/** A replication slot as `pg_replication_slots` shows it, with who reads it. LSNs are bytes since the start of the log. */
export interface ReplicationSlot {
  readonly name: string;
  readonly database: string;
  readonly active: boolean;
  /** Who reads it; undefined when nobody does. `application` is `Debezium Streaming` for Debezium. */
  readonly reader:
    | {
        readonly pid: number;
        readonly application: string;
        readonly role: string;
        readonly client: string;
        /** By the server's clock; undefined where the role may not see it (pg_monitor). */
        readonly connectedAt?: Date | undefined;
        /** Whether it has confirmed anything since it came; undefined where the role may not see it (pg_monitor). */
        readonly hasConfirmed?: boolean | undefined;
      }
    | undefined;
  /** Where its reader begins when it comes again: everything before was confirmed. */
  readonly confirmedLsn: bigint | undefined;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string;
  /** Why the server gave it up (`wal_removed`, `rows_removed`, `idle_timeout` ...); undefined while it is good. */
  readonly invalidationReason: string | undefined;
  /** Bytes of log that the server keeps for it. */
  readonly bytesHeld: number;
  /** Bytes that may still be written before the server gives it up; undefined without a budget (`max_slot_wal_keep_size` -1). */
  readonly bytesLeft: number | undefined;
  readonly failover: boolean;
  readonly synced: boolean;
}

/** Undefined when there is no such slot in the whole server. Names are unique per server, not per database. */
export async function readReplicationSlot(db: Queryable, name: string): Promise<ReplicationSlot | undefined> {
  const { rows } = await db.query<SlotRow>({
    name: 'read_replication_slot',
    text: `
      select slot.slot_name, slot.database, slot.active, slot.active_pid, slot.wal_status, slot.invalidation_reason, slot.failover, slot.synced,
             (slot.confirmed_flush_lsn - '0/0')::text as confirmed_lsn,
             pg_wal_lsn_diff(pg_current_wal_lsn(), slot.restart_lsn)::bigint as bytes_held,
             slot.safe_wal_size as bytes_left,
             coalesce(session.application_name, '') as application, coalesce(session.usename, '') as role,
             coalesce(host(session.client_addr), 'local') as client, session.backend_start as connected_at,
             case when sender.state is not null then sender.flush_lsn is not null end as has_confirmed
      from pg_replication_slots slot
      left join pg_stat_activity session on session.pid = slot.active_pid
      left join pg_stat_replication sender on sender.pid = slot.active_pid
      where slot.slot_name = $1`,
    values: [name],
  });
  const [row] = rows;
  return row && toSlot(row);
}

interface SlotRow {
  readonly slot_name: string;
  readonly database: string | null;
  readonly active: boolean;
  readonly active_pid: number | null;
  readonly wal_status: string | null;
  readonly invalidation_reason: string | null;
  readonly failover: boolean;
  readonly synced: boolean;
  readonly confirmed_lsn: string | null;
  readonly bytes_held: number | null;
  readonly bytes_left: number | null;
  readonly application: string;
  readonly role: string;
  readonly client: string;
  readonly connected_at: Date | null;
  readonly has_confirmed: boolean | null;
}

function toSlot(row: SlotRow): ReplicationSlot {
  return {
    name: row.slot_name,
    database: row.database ?? '',
    active: row.active,
    reader:
      row.active_pid === null
        ? undefined
        : {
            pid: row.active_pid,
            application: row.application,
            role: row.role,
            client: row.client,
            connectedAt: row.connected_at ?? undefined,
            hasConfirmed: row.has_confirmed ?? undefined,
          },
    confirmedLsn: row.confirmed_lsn === null ? undefined : BigInt(row.confirmed_lsn),
    walStatus: row.wal_status ?? 'lost',
    invalidationReason: row.invalidation_reason ?? undefined,
    bytesHeld: Math.max(0, row.bytes_held ?? 0),
    bytesLeft: row.bytes_left ?? undefined,
    failover: row.failover,
    synced: row.synced,
  };
}

/**
 * Drops this database's slot; harmless when it is gone already, and for a slot of another database, which stays. The server lets go
 * of it a moment after its reader has gone, so a slot that is still read is tried again.
 * @throws PipelineError `deadline_passed` when somebody goes on reading it
 */
export async function dropReplicationSlot(
  db: Queryable,
  name: string,
  options: { timeoutMs: number },
): Promise<void> {
  await waitUntil(
    async () => {
      await db.query({
        name: 'drop_replication_slot',
        // Names are unique in the whole server, and the slot of another database is not ours to drop.
        text: `
          select pg_drop_replication_slot(slot_name) from pg_replication_slots
          where slot_name = $1 and database = current_database()`,
        values: [name],
      });
      return true;
    },
    {
      ...options,
      everyMs: 200,
      what: `replication slot ${name} to be free`,
      remedy: `Somebody reads it: select * from pg_stat_replication.`,
    },
  );
}
