import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { Cleanup } from '../compare/cleanup.ts';

/**
 * Opens a transaction with a snapshot and an id of its own, and leaves it alone: nothing that is dead for others is cleaned up
 * meanwhile. As the owner, whom no time-out ends.
 * @returns what rolls it back; it throws when the transaction did not last
 */
export async function holdSnapshot({ ownerUrl }: TestDatabase): Promise<() => Promise<void>> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const pool = createPool({
      connectionString: ownerUrl,
      applicationName: 'bench-held-snapshot',
      log: silentLog,
      max: 1,
    });
    cleanup.add(() => pool.end());
    const client = await pool.connect();
    cleanup.add(async () => {
      try {
        await client.query('rollback');
      } finally {
        client.release();
      }
    });
    await client.query('begin isolation level repeatable read');
    await client.query('select pg_current_xact_id()');
    return () => cleanup.run();
  });
}
