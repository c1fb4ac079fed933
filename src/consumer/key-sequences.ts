import { binaryArray } from '../platform/postgres/binary-array.ts';
import type { Statement } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { KeySequence } from './decide-key-order.ts';

/**
 * What is known of these keys. Not locked: a key lives in one partition, and whoever works on that partition holds the
 * lock of its position, or, on a key that is held, the lock of that.
 */
export async function selectKeySequences(
  tx: Transaction,
  scope: { consumer: string; topic: string },
  keys: readonly string[],
): Promise<Map<string, KeySequence>> {
  const { rows } = await tx.query<{ key: string; base_seq: number; last_seq: number }>({
    name: 'consumer_select_keys',
    text: `select key, base_seq, last_seq from pipeline.consumer_keys
           where consumer = $1 and topic = $2 and key = any($3::text[])`,
    values: [scope.consumer, scope.topic, binaryArray('text', keys)],
  });
  return new Map(rows.map((row) => [row.key, { baseSeq: row.base_seq, lastSeq: row.last_seq }]));
}

/** Writes the last sequence of each key; a key's base stays what it was when the key was first seen. */
export function upsertKeySequences(
  scope: { consumer: string; topic: string },
  sequences: ReadonlyMap<string, KeySequence>,
): Statement {
  const values = [...sequences.values()];
  return {
    name: 'consumer_upsert_keys',
    text: `insert into pipeline.consumer_keys (consumer, topic, key, base_seq, last_seq)
           select $1, $2, key, base_seq, last_seq
           from unnest($3::text[], $4::bigint[], $5::bigint[]) as moved (key, base_seq, last_seq)
           on conflict (consumer, topic, key) do update set last_seq = excluded.last_seq`,
    values: [
      scope.consumer,
      scope.topic,
      binaryArray('text', [...sequences.keys()]),
      binaryArray(
        'bigint',
        values.map((sequence) => sequence.baseSeq),
      ),
      binaryArray(
        'bigint',
        values.map((sequence) => sequence.lastSeq),
      ),
    ],
  };
}
