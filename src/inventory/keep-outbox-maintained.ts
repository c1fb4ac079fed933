import { maintainOutboxPartitions } from '../outbox/maintain-partitions.ts';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Makes and drops partitions of the outbox now and once a day until the returned function is called. The first run throws;
 * a later one that fails is logged, and the next makes up for it: partitions are made a week ahead.
 */
export async function keepOutboxMaintained(
  db: Queryable,
  slot: string,
  log: Log,
): Promise<() => Promise<void>> {
  const maintain = async (): Promise<void> => {
    for (const done of await maintainOutboxPartitions(db, slot)) log.info(done, 'maintained the outbox');
  };
  await maintain();
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = maintain().catch((error: unknown) =>
      log.error({ reason: describeError(error) }, 'could not maintain the partitions of the outbox'),
    );
  }, dayMs);
  return () => {
    clearInterval(timer);
    return running;
  };
}
