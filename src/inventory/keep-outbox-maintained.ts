import { maintainOutboxPartitions } from '../outbox/maintain-partitions.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

const dayMs = 24 * 60 * 60 * 1000;
const retryMs = 10 * 60 * 1000;

/**
 * Makes and drops partitions of the outbox now and once a day until the returned function is called. A run that fails is
 * logged and tried again soon: partitions are made a week ahead, so it is never worth refusing to work for.
 */
export function keepOutboxMaintained(db: Queryable, slot: string, log: Log): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    const nextMs = await maintainOutboxPartitions(db, slot).then(
      (partitions) => {
        log.info({ partitions }, 'maintained the partitions of the outbox');
        return dayMs;
      },
      (error: unknown) => {
        log.error({ reason: describeError(error) }, 'could not maintain the partitions of the outbox');
        return retryMs;
      },
    );
    if (stopped) return;
    timer = setTimeout(() => {
      running = run();
    }, nextMs);
  };
  let running = run();
  return () => {
    stopped = true;
    clearTimeout(timer);
    return running;
  };
}
