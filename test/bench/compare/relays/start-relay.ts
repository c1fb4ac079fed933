import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../../src/platform/wait-until.ts';
import type { RelayEnvironment } from './relay-environment.ts';

export interface RelayProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

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
        return log.includes('relay runs');
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
    if (died) throw new Error(`The relay ${main} died during the measurement:\n${log.slice(-2_000)}`);
  };
  return { pid: child.pid ?? 0, stop };
}
