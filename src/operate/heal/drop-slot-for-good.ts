import { setTimeout as delay } from 'node:timers/promises';
import { dropReplicationSlot, readReplicationSlot } from '../../connect/replication-slot.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';

const LOOK_EVERY_MS = 200;

/**
 * Drops the slot and sees that it stays away for a while. Connect gives up a task that does not end within some seconds, says that it
 * is STOPPED, and lets it run on: one that was waiting for its slot then makes a new one (seen after a slot was lost). The next task
 * would find that slot and make its snapshot beside it, instead of together with one of its own.
 * @param options.quietMs how long it must stay away; longer than Debezium waits between two tries (slot.retry.delay.ms)
 * @throws PipelineError `deadline_passed`
 */
export async function dropSlotForGood(
  db: Queryable,
  slot: string,
  options: { timeoutMs: number; quietMs: number },
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  await dropReplicationSlot(db, slot, options);
  let goneSince = Date.now();
  while (Date.now() - goneSince < options.quietMs) {
    await delay(LOOK_EVERY_MS);
    if ((await readReplicationSlot(db, slot)) === undefined) continue;
    if (Date.now() > deadline)
      throw new PipelineError(
        'deadline_passed',
        `Replication slot ${slot} comes back each time it is dropped.`,
        {
          remedy: 'An old task still runs: restart the Connect worker, then heal again.',
        },
      );
    await dropReplicationSlot(db, slot, options);
    goneSince = Date.now();
  }
}
