import type { Statement } from '../../../src/platform/postgres/statement.ts';

/** Rows as if they had been said and published long ago: of keys that nobody will use again. */
export const retainRows = (rows: number): Statement => ({
  name: 'bench_retain_rows',
  text: `insert into pipeline.outbox (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
         select uuidv7(), 'orders.events', 'retained-' || number, 1, 'OrderPlaced', 'retained-' || number,
                decode(repeat('00', 150), 'hex'), 'none', now()
         from generate_series(1, $1) as number`,
  values: [rows],
});
