import { readReplicationSlot } from '../../../src/connect/replication-slot.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { violations } from './invariants.ts';
import type { Violation } from './invariants.ts';

/** Of a pipeline at rest; heartbeats move an idle slot every 10 s. */
export const MOST_LOG_BYTES = 128 * 1024 * 1024;

/** @param mostBytes of log that a slot may hold back */
export async function checkSlots(
  admin: Queryable,
  slots: readonly string[],
  mostBytes = MOST_LOG_BYTES,
): Promise<Violation[]> {
  const looked = await Promise.all(
    slots.map(async (name) => ({ name, slot: await readReplicationSlot(admin, name) })),
  );
  return [
    ...violations(
      'slot-active',
      looked
        .filter(({ slot }) => slot === undefined || !slot.active || slot.walStatus === 'lost')
        .map(({ name, slot }) => `${name} is ${slot === undefined ? 'gone' : slot.walStatus}, and not read`),
    ),
    ...violations(
      'log-bounded',
      looked.flatMap(({ name, slot }) =>
        slot !== undefined && slot.bytesHeld > mostBytes
          ? [`${name} holds back ${slot.bytesHeld} bytes, more than ${mostBytes}`]
          : [],
      ),
    ),
  ];
}
