import { setTimeout as delay } from 'node:timers/promises';
import type { Say } from '../../scripts/demo/say.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { startOwnStack, stopOwnStack } from '../support/own-stack.ts';
import { stackValue, testStack } from '../support/test-stack.ts';
import { describeMachine } from './describe-machine.ts';
import type { Machine } from './describe-machine.ts';

/** What a signal leaves to whatever runs, to take down its services and connectors. */
const TIDY_MS = 20_000;

/**
 * Starts a stack for `work` and removes it afterwards, also after Ctrl-C: then `work` is told by its signal, and gets a while to tidy
 * up. In a test the test's own stack is used, and left as it was.
 */
export async function withBenchStack<T>(
  say: Say,
  work: (machine: Machine, stopping: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const forget = stopOnSignal(say, stopping);
  const isOwn = process.env['TEST_STACK_ENV'] === undefined;
  try {
    if (isOwn) await say.step('stack: postgres, kafka, registry, connect', () => startOwnStack('bench'));
    stopping.signal.throwIfAborted();
    const working = work(describeMachine(await serverVersion()), stopping.signal);
    // A failure after the time to tidy up is nobody's.
    working.catch(() => undefined);
    const result = await Promise.race([working, longAfter(stopping.signal)]);
    stopping.signal.throwIfAborted();
    return result;
  } catch (error) {
    // What fails because all is being stopped is not the news.
    stopping.signal.throwIfAborted();
    throw error;
  } finally {
    forget();
    if (isOwn) await stopOwnStack();
  }
}

/** What `promise` gives, unless a signal comes first. @throws the reason of the signal */
export async function unlessStopped<T>(stopping: AbortSignal, promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  stopping.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stopping.reason as Error);
  stopping.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    stopping.removeEventListener('abort', onAbort);
  }
}

async function longAfter(stopping: AbortSignal): Promise<never> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  stopping.addEventListener('abort', () => resolve(undefined), { once: true });
  await aborted;
  await delay(TIDY_MS, undefined, { ref: false });
  throw stopping.reason as Error;
}

/** A second signal ends the process at once. */
function stopOnSignal(say: Say, stopping: AbortController): () => void {
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(1);
    say.line('\nStopping, and removing what was started.');
    stopping.abort(new Error('Stopped before the end: there are no figures.'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => signals.forEach((signal) => process.off(signal, onSignal));
}

/** Of each part of the stack that runs. */
export function stackPids(): Record<string, number> {
  return Object.fromEntries(testStack().resources.map((part) => [part.name, part.pid() ?? 0]));
}

async function serverVersion(): Promise<string> {
  const admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'bench',
    log: silentLog,
    max: 1,
  });
  try {
    const { rows } = await admin.query<{ server_version: string }>({ text: 'show server_version' });
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await admin.end();
  }
}
