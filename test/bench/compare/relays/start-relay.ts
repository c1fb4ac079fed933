import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../../src/platform/wait-until.ts';
import type { Cleanup } from '../cleanup.ts';
import type { PausableRelay } from '../start-orders.ts';
import type { RelayEnvironment } from './relay-environment.ts';

export interface RelayProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** What each relay prints when it runs. */
const READY = 'relay runs';

/** A relay that can be stopped and started again while its arm runs. */
export async function startPausableRelay(
  name: string,
  start: () => Promise<RelayProcess>,
  cleanup: Cleanup,
): Promise<PausableRelay> {
  let relay = await start();
  cleanup.add(() => relay.stop());
  return {
    get pids() {
      return { [name]: relay.pid };
    },
    pauseRelay: () => relay.stop(),
    resumeRelay: async () => {
      relay = await start();
    },
  };
}

/** @param main file in this folder */
export async function startRelay(
  main: string,
  environment: RelayEnvironment<unknown>,
): Promise<RelayProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(main, import.meta.url))], {
    env: {
      PATH: process.env['PATH'] ?? '',
      RELAY: JSON.stringify(environment),
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (log += data.toString()));
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (): Promise<void> => {
    if (isOver()) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  };
  try {
    await waitUntil(
      () => {
        if (isOver()) throw new Error('It has ended.');
        return log.includes(READY);
      },
      { timeoutMs: 20_000, what: `the relay of ${main}` },
    );
  } catch (error) {
    await end();
    throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
  }
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    const died = isOver();
    await end();
    for (const complaint of complaintsIn(log)) console.error(`  ${main} said ${complaint}`);
    if (died) throw new Error(`The relay ${main} died during the measurement:\n${log.slice(-2_000)}`);
  };
  return { pid: child.pid ?? 0, stop };
}

/** Not failures: what a relay does with trouble is its own affair. But a figure should not hide them. */
function complaintsIn(log: string): string[] {
  const lines = log.split('\n').filter((line) => line !== '' && line !== READY);
  const kinds = Map.groupBy(lines, (line) => /"msg":"([^"]{1,160})/.exec(line)?.[1] ?? line.slice(0, 160));
  return [...kinds].map(([kind, same]) => `${same.length} times: ${kind}`);
}
