import { binaryArray } from '../platform/postgres/binary-array.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { Failure } from './failure.ts';

export interface ConsumerScope {
  readonly consumer: string;
  readonly topic: string;
}

/** Why a key is held: parked by an event that failed for good, or waiting for the sequence that is missing. */
export interface Hold {
  readonly state: 'parked' | 'waiting';
  readonly failure: Failure;
  /** Of a waiting key. */
  readonly expectedSeq: number | null;
}

export interface HeldKey {
  readonly state: Hold['state'];
  readonly expectedSeq: number | null;
  readonly events: number;
}

/**
 * Which of these keys are held, kept that way until the transaction ends: no drain can let one go meanwhile. Before the key's
 * sequence is read, so that of a key that was let go, all that was applied is seen.
 */
export async function shareHeldKeys(
  tx: Transaction,
  scope: ConsumerScope,
  keys: readonly string[],
): Promise<Map<string, HeldKey>> {
  const { rows } = await tx.query<{
    key: string;
    state: Hold['state'];
    expected_seq: number | null;
    events: number;
  }>({
    name: 'consumer_share_held_keys',
    text: `select key, state, expected_seq, events from pipeline.parked_keys
           where consumer = $1 and topic = $2 and key = any($3::text[])
           order by key for share`,
    values: [scope.consumer, scope.topic, binaryArray('text', keys)],
  });
  return new Map(
    rows.map(({ key, state, expected_seq, events }) => [key, { state, expectedSeq: expected_seq, events }]),
  );
}

/** Begins to hold keys that are not held yet. Their queues are still empty. */
export async function holdKeys(
  tx: Transaction,
  scope: ConsumerScope & { partition: number },
  holds: ReadonlyMap<string, Hold>,
): Promise<void> {
  const values = [...holds.values()];
  await tx.query({
    name: 'consumer_hold_keys',
    text: `insert into pipeline.parked_keys
             (consumer, topic, key, partition, state, code, reason, stack, expected_seq, since, events)
           select $1, $2, key, $3, state, code, reason, stack, expected_seq, now(), 0
           from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
             as held (key, state, code, reason, stack, expected_seq)`,
    values: [
      scope.consumer,
      scope.topic,
      scope.partition,
      [...holds.keys()],
      values.map(({ state }) => state),
      values.map(({ failure }) => failure.code),
      values.map(({ failure }) => failure.reason),
      values.map(({ failure }) => failure.stack),
      values.map(({ expectedSeq }) => expectedSeq),
    ],
  });
}

/** How many events wait in all queues of a consumer. */
export async function countQueued(tx: Transaction, consumer: string): Promise<number> {
  const { rows } = await tx.query<{ events: number }>({
    name: 'consumer_count_queued',
    text: `select coalesce(sum(events), 0)::bigint as events from pipeline.parked_keys where consumer = $1`,
    values: [consumer],
  });
  return rows[0]?.events ?? 0;
}
