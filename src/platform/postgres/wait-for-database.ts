import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { waitUntil } from '../wait-until.ts';
import type { Pool } from './pool.ts';

const START_WITHIN_MS = 30_000;
const WAITS = `the database does not answer yet; waiting for it for at most ${START_WITHIN_MS / 1000} s`;

/**
 * A service and its database are often started together, so the start waits 30 s for it, and says so once.
 * @param variable the one that says where it is, for the remedy
 * @throws PipelineError `deadline_passed`
 */
export async function waitForDatabase(pool: Pool, variable: string, log: Log): Promise<void> {
  let isSaid = false;
  const answers = async (): Promise<boolean> => {
    try {
      return (await pool.query({ text: 'select 1' })).rowCount === 1;
    } catch (error) {
      if (!isSaid) log.warn({ reason: describeError(error) }, WAITS);
      isSaid = true;
      throw error;
    }
  };
  await waitUntil(answers, {
    timeoutMs: START_WITHIN_MS,
    everyMs: 500,
    what: 'the database',
    remedy: `Start Postgres or set ${variable}.`,
  });
}
