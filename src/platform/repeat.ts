import { describeError } from './errors.ts';
import type { Log } from './log.ts';

/**
 * Does the work now and then every `everyMs`; after a failure, which is logged, again in `retryMs`. For housekeeping that
 * may be late but must not be forgotten.
 * @param options.what names the work, as in "could not <what>"
 * @returns stops it, and waits for a run in hand
 */
export function repeat(
  work: () => Promise<unknown>,
  options: { everyMs: number; retryMs: number; what: string; log: Log },
): () => Promise<void> {
  const { everyMs, retryMs, what, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    const nextMs = await work().then(
      () => everyMs,
      (error: unknown) => {
        log.error({ reason: describeError(error) }, `could not ${what}`);
        return retryMs;
      },
    );
    if (stopped) return;
    timer = setTimeout(() => {
      running = run();
    }, nextMs).unref();
  };
  let running = run();
  return () => {
    stopped = true;
    clearTimeout(timer);
    return running;
  };
}
