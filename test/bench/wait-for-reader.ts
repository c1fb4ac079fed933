import type { Queryable } from '../../src/platform/postgres/statement.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';

/** Waits until somebody reads from the slot, or until nobody does any more. */
export async function waitForReader(db: Queryable, slot: string, isRead: boolean): Promise<void> {
  const find = {
    text: 'select from pg_replication_slots where slot_name = $1 and active = $2',
    values: [slot, isRead],
  };
  await waitUntil(async () => (await db.query(find)).rowCount > 0, {
    timeoutMs: 60_000,
    what: `slot ${slot} to be ${isRead ? 'read' : 'let go of'}`,
  });
}
