import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { ParkedKey } from './list-parked.ts';
import { readAnswer } from './request-parked.ts';
import type { Answer } from './request-parked.ts';

/** Consumers look for requests once a second. */
const EVERY_MS = 200;

/**
 * Waits until the consumer has done what was asked for.
 * @param deadline epoch milliseconds; the answer is looked for at least once, and is `pending` when it is not there by then
 */
export async function awaitAnswer(
  db: Queryable,
  at: Pick<ParkedKey, 'consumer' | 'topic' | 'key'>,
  deadline: number,
): Promise<Answer> {
  for (;;) {
    const answer = await readAnswer(db, at);
    if (answer.kind !== 'pending' || Date.now() >= deadline) return answer;
    await delay(EVERY_MS);
  }
}
