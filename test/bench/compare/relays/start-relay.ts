import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../../src/platform/wait-until.ts';
import type { RelayEnvironment } from './relay-environment.ts';

export interface RelayProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** What each relay prints when it runs. */
const READY = 'relay runs';

/** @param main file in this folder */
export async function startRelay(
  main: string,
  environment: RelayEnvironment<unknown>,
): Promise<RelayProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(main, import.meta.url))], {
    env: { PATH: process.env['PATH'] ?? '', RELAY: JSON.stringify(environment) },
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
  const stop = async (): Promise<void> => {
    const died = isOver();
    await end();
    const complaints = log.split('\n').filter((line) => line !== '' && line !== READY);
    // Not a failure: what the relay does with trouble is its own affair. But a figure should not hide it.
    if (complaints.length > 0)
      console.error(`  ${main} said ${complaints.length} lines, first: ${complaints[0]?.slice(0, 400)}`);
    if (died) throw new Error(`The relay ${main} died during the measurement:\n${log.slice(-2_000)}`);
  };
  return { pid: child.pid ?? 0, stop };
}
