import type { Queryable } from '../../src/platform/postgres/statement.ts';

/**
 * As the owner: rows that are rolled back. Once they are vacuumed they leave room in the middle of the table, which later rows take: its
 * order is then not that of the ids.
 */
export const rollBackRows = `
  do $$ begin
    insert into pipeline.outbox (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
    select gen_random_uuid(), topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at
    from pipeline.outbox cross join generate_series(1, 3) where topic = 'orders.events';
    raise exception 'rolled back';
  exception when raise_exception then null;
  end $$`;

/** How many rows of the outbox lie behind one with a higher id. */
export async function rowsBehindLaterOnes(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ swapped: number }>({
    name: 'test_rows_behind_later_ones',
    text: `select count(*) as swapped from (
             select id < lag(id) over (partition by tableoid order by ctid) as swapped from pipeline.outbox
           ) as heap where swapped`,
  });
  return rows[0]?.swapped ?? 0;
}
