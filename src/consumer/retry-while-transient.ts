import { describeError, type ErrorCode } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { backOff } from './back-off.ts';
import { policyFor } from './error-policy.ts';
import { pause as pauseFor } from './pause.ts';

/** Work that went well for this long before it failed starts its count of tries anew. */
const STEADY_MS = 30_000;

export interface RetryOptions {
  /** Ends waiting; the returned promise then rejects with its reason. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** For the log: "could not <what>". */
  readonly what: string;
  /** Ids for the log's line, as they are known when it is written. */
  readonly about?: () => object;
  /** Told before each pause. */
  readonly onRetry?: (code: ErrorCode) => void;
  readonly random?: () => number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

/**
 * Tries until it works, without limit in time, as long as the policy says that trying again can help.
 * @throws what the policy says to stop on or to park, as it was thrown.
 */
export async function retryWhileTransient<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { signal, log, what, about, random = Math.random, pause = pauseFor, now = Date.now } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const startedAt = now();
    try {
      return await work(attempt);
    } catch (error) {
      signal.throwIfAborted();
      const policy = policyFor(error);
      if (policy.action !== 'retry') throw error;
      if (now() - startedAt > STEADY_MS) attempt = 1;
      const waitMs = backOff(attempt, random());
      log.warn(
        { ...about?.(), code: policy.code, attempt, waitMs, reason: describeError(error) },
        `could not ${what}, trying again`,
      );
      options.onRetry?.(policy.code);
      await pause(waitMs, signal);
    }
  }
}
