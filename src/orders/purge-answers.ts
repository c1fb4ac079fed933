import type { Log } from '../platform/log.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { repeat } from '../platform/repeat.ts';
import { deleteOldAnswers } from './sql/delete-old-answers.ts';

const dayMs = 24 * 60 * 60 * 1000;
const retryMs = 10 * 60 * 1000;
/** How long a client can send a request again and get the first answer. */
export const answersKeptMs = 7 * dayMs;
const rowsAtOnce = 5_000;

/** Forgets answers older than that; in small transactions, so that none of them holds its rows for long. Gives their number. */
export async function purgeOldAnswers(pool: Pool, now: Date): Promise<number> {
  const before = new Date(now.getTime() - answersKeptMs);
  let total = 0;
  for (;;) {
    const deleted = await deleteOldAnswers(pool, before, rowsAtOnce);
    total += deleted;
    if (deleted < rowsAtOnce) return total;
  }
}

/** Forgets old answers now and daily, until the returned function is called. */
export function keepAnswersPurged(pool: Pool, log: Log): () => Promise<void> {
  const purge = async (): Promise<void> => {
    const forgotten = await purgeOldAnswers(pool, new Date());
    if (forgotten > 0) log.info({ forgotten }, 'forgot old answers');
  };
  return repeat(purge, { everyMs: dayMs, retryMs, what: 'forget old answers', log });
}
