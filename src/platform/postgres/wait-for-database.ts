import { waitUntil } from '../wait-until.ts';
import type { Pool } from './pool.ts';

const START_WITHIN_MS = 30_000;

/**
 * A service and its database are often started together, so the start waits 30 s for it.
 * @param variable the one that says where it is, for the remedy
 * @throws PipelineError `deadline_passed`
 */
export async function waitForDatabase(pool: Pool, variable: string): Promise<void> {
  await waitUntil(async () => (await pool.query({ text: 'select 1' })).rowCount === 1, {
    timeoutMs: START_WITHIN_MS,
    everyMs: 500,
    what: 'the database',
    remedy: `Start Postgres or set ${variable}.`,
  });
}
