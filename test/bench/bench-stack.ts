import type { Say } from '../../scripts/demo/say.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { startOwnStack, stopOwnStack } from '../support/own-stack.ts';
import { stackValue, testStack } from '../support/test-stack.ts';
import { describeMachine } from './describe-machine.ts';
import type { Machine } from './describe-machine.ts';

/** Starts a stack for `work` and removes it afterwards, also after Ctrl-C. */
export async function withBenchStack<T>(say: Say, work: (machine: Machine) => Promise<T>): Promise<T> {
  const stopped = stopOnSignal(say);
  try {
    await say.step('stack: postgres, kafka, registry, connect', () => startOwnStack('bench'));
    return await Promise.race([work(describeMachine(await serverVersion())), stopped.promise]);
  } finally {
    stopped.forget();
    await stopOwnStack();
  }
}

/** Rejects at the first signal; a second one ends the process at once. */
function stopOnSignal(say: Say): { promise: Promise<never>; forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const onSignal = (): void => {
    say.line('\nStopping the stack.');
    reject(new Error('Stopped before the end: there are no figures.'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, onSignal);
  return { promise, forget: () => signals.forEach((signal) => process.off(signal, onSignal)) };
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
