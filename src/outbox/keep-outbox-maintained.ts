import type { Log } from '../platform/log.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { repeat } from '../platform/repeat.ts';
import { maintainOutboxPartitions } from './maintain-partitions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const RETRY_MS = 10 * 60 * 1000;

/**
 * Makes and drops the outbox's partitions now and daily, until the returned function is called. Partitions are made a
 * week ahead, so a failing run is never worth refusing to work for.
 */
export function keepOutboxMaintained(db: Queryable, slot: string, log: Log): () => Promise<void> {
  const maintain = async (): Promise<void> => {
    const partitions = await maintainOutboxPartitions(db, slot);
    if (partitions.length > 0) log.info({ partitions }, 'maintained the partitions of the outbox');
  };
  return repeat(maintain, {
    everyMs: DAY_MS,
    retryMs: RETRY_MS,
    what: 'maintain the partitions of the outbox',
    log,
  });
}
