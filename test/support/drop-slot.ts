import type { Pool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';

/** The server lets go of a slot a moment after its reader has gone; one that nobody reads holds back the whole server's log. */
export async function dropSlot(admin: Pool, slot: string): Promise<void> {
  await waitUntil(
    async () => {
      await admin.query({
        text: 'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1',
        values: [slot],
      });
      return true;
    },
    { timeoutMs: 60_000, what: `slot ${slot} to be free` },
  );
}
