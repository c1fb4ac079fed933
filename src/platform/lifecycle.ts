import { describeError, PipelineError } from './errors.ts';
import type { Log } from './log.ts';

/** A started part. `failed` rejects when it can't go on by itself; it never resolves. */
export interface Running {
  readonly failed?: Promise<never>;
  stop(): Promise<void>;
}

/** A container runtime usually kills 10 s after asking; a stop that hangs must end before that, with a reason in the log. */
const STOP_DEADLINE_MS = 9_500;

/**
 * The life of a process: start, run until SIGTERM, SIGINT or a failure, stop, exit.
 * Exit code 0 after a signal, 1 after a failure: a part that has given up must never live on as a zombie.
 */
export async function runMain(log: Log, start: () => Promise<Running>): Promise<void> {
  const signalled = new Promise<'signal'>((resolve) => {
    process.once('SIGTERM', () => resolve('signal'));
    process.once('SIGINT', () => resolve('signal'));
  });
  process.on('unhandledRejection', (reason) => {
    log.fatal({ err: reason }, 'unhandled rejection');
    process.exit(1);
  });
  try {
    const running = await Promise.race([start(), signalled]);
    // A start that still waits for something holds nothing that its process's end would lose.
    if (running === 'signal') process.exit(0);
    const failure = (running.failed ?? new Promise<never>(() => undefined)).catch((error: unknown) => ({
      error,
    }));
    const end = await Promise.race([signalled, failure]);
    if (end !== 'signal') logFailure(log, end.error);
    await Promise.race([running.stop(), stopDeadline()]);
    process.exit(end === 'signal' ? 0 : 1);
  } catch (error) {
    logFailure(log, error);
    process.exit(1);
  }
}

async function stopDeadline(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () =>
        reject(
          new PipelineError('deadline_passed', 'Stopping took longer than 9.5 s.', {
            remedy: 'What was not committed will be done again after the next start.',
          }),
        ),
      STOP_DEADLINE_MS,
    ).unref();
  });
}

function logFailure(log: Log, error: unknown): void {
  // A PipelineError's sentence says it all; anything else is unexpected and needs its stack.
  if (error instanceof PipelineError)
    log.fatal({ code: error.code, cause: describeError(error.cause ?? '') }, describeError(error));
  else log.fatal({ err: error }, describeError(error));
}
