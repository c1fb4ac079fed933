import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Statement } from '../../src/platform/postgres/statement.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';

/**
 * Strikes while somebody is in the middle of a transaction: locks a row that he needs, waits until he stands before it, and
 * lets go of the row after the strike.
 * @param lock a `select ... for update` that finds at least one row, by and by
 */
export async function whileWaiting(
  ownerUrl: string,
  lock: Statement,
  strike: () => Promise<void> | void,
): Promise<void> {
  // As the owner: the service's role may not keep a transaction open.
  const owner = createPool({ connectionString: ownerUrl, applicationName: 'test', log: silentLog, max: 1 });
  try {
    await inTransaction(owner, async (tx) => {
      await waitUntil(async () => (await tx.query(lock)).rowCount > 0, {
        timeoutMs: 60_000,
        what: 'the row to lock',
      });
      const waiting = {
        text: `select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`,
      };
      await waitUntil(async () => (await tx.query(waiting)).rowCount > 0, {
        timeoutMs: 60_000,
        everyMs: 5,
        what: 'a transaction to wait for the locked row',
      });
      await strike();
    });
  } finally {
    await owner.end();
  }
}
