import type { Transaction } from '../platform/postgres/transaction.ts';
import { selectKeySequences, upsertKeySequences } from './key-sequences.ts';
import type { KeyUnderDrain } from './key-under-drain.ts';
import { recordSkipped } from './parked-decisions.ts';
import type { Decider } from './parked-decisions.ts';

/**
 * Passes over the sequences that are missing before a waiting key's first queued event, and writes down who wanted it. Should one
 * of them come after all, it is recorded as skipped and not applied.
 * @returns why it can't be done
 */
export async function skipMissing(
  tx: Transaction,
  held: KeyUnderDrain,
  decider: Decider,
): Promise<string | undefined> {
  const firstQueued = await selectFirstSequence(tx, held);
  if (firstQueued === null) return 'No event with a sequence is queued behind the missing ones yet.';
  const sequence = (await selectKeySequences(tx, held, [held.key])).get(held.key);
  const from = (sequence?.lastSeq ?? 0) + 1;
  const to = firstQueued - 1;
  if (to < from) return undefined;
  await recordSkipped(tx, held, { from, to }, decider);
  const moved = { baseSeq: sequence?.baseSeq ?? 1, lastSeq: to };
  await tx.query(upsertKeySequences(held, new Map([[held.key, moved]])));
  return undefined;
}

async function selectFirstSequence(tx: Transaction, held: KeyUnderDrain): Promise<number | null> {
  const { rows } = await tx.query<{ first: number | null }>({
    name: 'consumer_select_first_sequence',
    text: `select min(key_seq) as first from pipeline.parked_events
           where consumer = $1 and topic = $2 and key = $3`,
    values: [held.consumer, held.topic, held.key],
  });
  return rows[0]?.first ?? null;
}
