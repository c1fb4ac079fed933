import { maintainOutboxPartitions } from '../outbox/maintain-partitions.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Pool } from '../platform/postgres/pool.ts';
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

/**
 * At the start and daily: the outbox's partitions of the days to come (without them writes would end one day), and old
 * answers. A failing run is logged and tried again soon: partitions are made a week ahead, so it is never worth refusing
 * orders for.
 * @returns stops it
 */
export function keepOrdersMaintained(pool: Pool, slot: string, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const maintain = async (): Promise<void> => {
    const partitions = await maintainOutboxPartitions(pool, slot);
    const answersForgotten = await purgeOldAnswers(pool, new Date());
    log.info({ partitions, answersForgotten }, 'maintained');
  };
  const run = async (): Promise<void> => {
    const nextMs = await maintain().then(
      () => dayMs,
      (error: unknown) => {
        log.error({ reason: describeError(error) }, 'maintenance failed');
        return retryMs;
      },
    );
    if (!stopped) timer = setTimeout(() => void run(), nextMs).unref();
  };
  void run();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
