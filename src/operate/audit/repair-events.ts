import type { Pool } from '../../platform/postgres/pool.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';
import { REPAIR_AGAIN_AFTER_MS, REPAIR_AT_MOST, type Repairs } from './judge-suspect.ts';

/** What was published once more for these events, by event id. */
export async function readRepairs(db: Queryable, eventIds: readonly string[]): Promise<Map<string, Repairs>> {
  const { rows } = await db.query<Repairs & { readonly event_id: string }>({
    name: 'audit_read_repairs',
    text: `
      select event_id, count(*) as times, max(row_id::text) as "newestRow", max(repaired_at) as "newestAt"
      from pipeline.outbox_repairs where event_id = any($1::uuid[]) group by event_id`,
    values: [eventIds],
  });
  return new Map(rows.map(({ event_id: id, ...repairs }) => [id, repairs]));
}

export interface LostEvent {
  /** A row that says it. */
  readonly rowId: string;
  readonly eventId: string;
  readonly lostBy: string;
}

export interface Repaired {
  readonly eventId: string;
  /** The new row. */
  readonly rowId: string;
}

/** A transaction of 100 of the largest events writes 90 MB of log. */
const AT_ONCE = 100;

/**
 * Publishes rows once more: a new row each, with the same event id, sequence, payload and headers, so that for consumers it is the
 * same event, and nobody but those who miss it applies it. In order of id, so that a key's events keep their order among themselves.
 * The key's counter is not touched: nothing new is said.
 *
 * Another audit may be doing the same: one after the other (the lock), and the second finds what the first has written down. Dying
 * between two transactions leaves events for the next round; row and record are one transaction.
 */
export async function repairEvents(
  repair: Pool,
  events: readonly LostEvent[],
  repairedBy: string,
): Promise<Repaired[]> {
  const repaired: Repaired[] = [];
  for (let start = 0; start < events.length; start += AT_ONCE) {
    const some = events.slice(start, start + AT_ONCE);
    repaired.push(
      ...(await inTransaction(repair, async (tx) => {
        await tx.query({
          name: 'audit_repair_lock',
          text: `select pg_advisory_xact_lock(hashtext('pipeline.outbox_repairs'))`,
        });
        // A statement of its own: what it sees is from after the lock.
        const { rows } = await tx.query<Repaired>({
          name: 'audit_repair_events',
          text: REPAIR_EVENTS,
          values: [
            some.map(({ rowId }) => rowId),
            some.map(({ lostBy }) => lostBy),
            repairedBy,
            REPAIR_AT_MOST,
            REPAIR_AGAIN_AFTER_MS / 1_000,
          ],
        });
        return rows;
      })),
    );
  }
  return repaired;
}

// `offset 0` keeps the rows sorted before the first id is made.
const REPAIR_EVENTS = `
  with lost as (
    select row_id, lost_by from unnest($1::uuid[], $2::text[]) as lost (row_id, lost_by)
  ), again as materialized (
    select uuidv7() as new_id, said.*
    from (
      select o.*, lost.lost_by
      from lost join pipeline.outbox o on o.id = lost.row_id
      where (select count(*) < $4 and coalesce(max(repaired_at) < clock_timestamp() - make_interval(secs => $5), true)
             from pipeline.outbox_repairs earlier where earlier.event_id = o.event_id)
      order by o.id
      offset 0
    ) as said
  ), written as (
    insert into pipeline.outbox (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, traceparent, occurred_at)
    select new_id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, traceparent, occurred_at
    from again order by new_id
  )
  insert into pipeline.outbox_repairs (row_id, event_id, lost_by, repaired_by)
  select new_id, event_id, lost_by, $3 from again
  returning event_id as "eventId", row_id as "rowId"`;
