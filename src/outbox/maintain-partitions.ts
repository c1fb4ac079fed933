import type { Queryable } from '../platform/postgres/statement.ts';

/** How long rows stay: the time in which a lost slot can be mended from them. Longer than any outage you plan for. */
export const OUTBOX_RETENTION_DAYS = 7;
/** A service that can't make partitions for this long refuses writes; the doctor warns below 2. */
export const OUTBOX_DAYS_AHEAD = 7;

export interface PartitionAction {
  readonly action: string;
  readonly partition: string;
}

/**
 * Makes the days ahead and drops the days that are old enough and safely read. Call it at start and daily; several
 * callers at once are harmless.
 * @param slot the replication slot that must have passed a partition before it is dropped
 */
export async function maintainOutboxPartitions(db: Queryable, slot: string): Promise<PartitionAction[]> {
  const { rows } = await db.query<PartitionAction>({
    name: 'maintain_outbox',
    text: `select action, partition_name as "partition" from pipeline.maintain_outbox($1, $2, $3)`,
    values: [OUTBOX_RETENTION_DAYS, OUTBOX_DAYS_AHEAD, slot],
  });
  return rows;
}
