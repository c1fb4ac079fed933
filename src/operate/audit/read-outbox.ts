import type { Queryable } from '../../platform/postgres/statement.ts';
import { FIRST_ID, type EventRow } from './event-row.ts';

/** Rows that are older than this must have arrived. */
export const OLDER_THAN_MS = 60_000;

export interface Horizon {
  /** Every row that was written before this id, and that will ever be there, is there now. */
  readonly before: string;
  readonly at: Date;
  /** By the database's clock. */
  readonly now: Date;
  /** Since when a transaction has been open that keeps the horizon back; undefined when none does. */
  readonly heldBackSince: Date | undefined;
  /** All of those rows were committed before this place in the log. */
  readonly lsn: bigint;
}

/**
 * Up to where the outbox can be judged. A row's id is made when it is inserted, but others see it when its transaction commits.
 * App and repair roles have a `transaction_timeout` of 30 s, so 60 s would do for them; an owner's or operator's transaction may take
 * any time. So besides the age the oldest open transaction counts that has written anything: its ids are not older than itself.
 * Transactions are looked at before the place in the log is, and both before the rows are read: one that ended in between has its
 * rows visible and its commit before that place. Needs pg_read_all_stats. A prepared transaction is not seen (they are off by default).
 */
export async function readHorizon(db: Queryable, olderThanMs: number): Promise<Horizon> {
  const { rows: open } = await db.query<{ now: Date; oldest: Date | null }>({
    name: 'audit_open_transactions',
    text: `
      select clock_timestamp() as now, min(xact_start) as oldest
      from pg_stat_activity where datname = current_database() and backend_xid is not null`,
  });
  const { now = new Date(), oldest = null } = open[0] ?? {};
  const aged = new Date(now.getTime() - olderThanMs);
  const heldBackSince = oldest !== null && oldest < aged ? oldest : undefined;
  const at = heldBackSince ?? aged;
  const { rows } = await db.query<{ before: string; lsn: string }>({
    name: 'audit_horizon',
    text: `select pipeline.uuid_floor($1) as before, (pg_current_wal_insert_lsn() - '0/0')::text as lsn`,
    values: [at],
  });
  return { before: rows[0]?.before ?? FIRST_ID, at, now, heldBackSince, lsn: BigInt(rows[0]?.lsn ?? '0') };
}

/** Rows between two ids, both excluded, in order of id: one page at a time, so that memory does not grow with the outbox. */
export async function* readRows(
  db: Queryable,
  range: { readonly after: string; readonly before: string; readonly pageSize: number },
): AsyncGenerator<EventRow[]> {
  const { before, pageSize } = range;
  let { after } = range;
  for (;;) {
    const { rows } = await db.query<EventRow>({
      name: 'audit_read_rows',
      text: `
        select id as "rowId", event_id as "eventId", topic, partition_key as "key", key_seq as "keySeq", event_type as "type"
        from pipeline.outbox where id > $1 and id < $2 order by id limit $3`,
      values: [after, before, pageSize],
    });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = last.rowId;
  }
}

/** How far the slot's reader has confirmed; undefined when there is no such slot, or it was given up. */
export async function readConfirmed(db: Queryable, slot: string): Promise<bigint | undefined> {
  const { rows } = await db.query<{ lsn: string | null }>({
    name: 'audit_read_confirmed',
    text: `
      select (confirmed_flush_lsn - '0/0')::text as lsn from pg_replication_slots
      where slot_name = $1 and database = current_database() and invalidation_reason is null`,
    values: [slot],
  });
  const lsn = rows[0]?.lsn;
  return lsn === undefined || lsn === null ? undefined : BigInt(lsn);
}
