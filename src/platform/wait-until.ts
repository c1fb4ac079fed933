import { setTimeout as delay } from 'node:timers/promises';
import { describeError, PipelineError } from './errors.ts';
import { sqlState } from './postgres/postgres-errors.ts';

/** Waiting gives nobody a right. */
const NO_RIGHT = '42501';

/**
 * Asks again and again until the condition gives a value, and returns it.
 * @param options.what names the thing waited for, as in "Waited 30 s for <what>."
 * @throws PipelineError `deadline_passed`; an error of the condition's last try is its cause. At once what Postgres says when the
 * role may not do it.
 */
export async function waitUntil<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs: number; what: string; everyMs?: number; remedy?: string },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      if (sqlState(error) === NO_RIGHT) throw error;
      lastError = error;
    }
    if (Date.now() >= deadline) break;
    await delay(options.everyMs ?? 50);
  }
  const reason =
    lastError === undefined ? '' : ` Last error: ${describeError(lastError).replace(/\.$/, '')}.`;
  throw new PipelineError(
    'deadline_passed',
    `Waited ${options.timeoutMs / 1000} s for ${options.what}.${reason}`,
    {
      remedy: options.remedy ?? 'Look at the logs of the part that did not answer.',
      cause: lastError,
    },
  );
}
