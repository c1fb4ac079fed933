import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { holdFreePort } from '../../scripts/stack/hold-free-port.ts';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../src/platform/wait-until.ts';

/** A service as its own process, as in production, so that it can be killed. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it printed. */
  log(): string;
  /**
   * Sends the signal and waits for the end, of a stopped process too. One that SIGTERM does not end in half a minute is killed,
   * and told of: whoever waits for it forever hides which test failed. @returns the exit code, null after a signal that kills
   */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** Above what a service gives its requests and batches to end. */
const END_WITHIN_MS = 30_000;

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @param env all of it: nothing is inherited but PATH
 * @param options.nodeOptions for node itself, such as `--import`
 * @param options.main another program in the service's place
 */
export async function startService(
  name: 'orders' | 'inventory' | 'sales',
  env: Readonly<Record<string, string>>,
  { nodeOptions = [], main = `src/${name}/main.ts` }: { nodeOptions?: readonly string[]; main?: string } = {},
): Promise<ServiceProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeOptions, main], {
    cwd: checkout,
    env: { PATH: process.env['PATH'] ?? '', ...env, [`${name.toUpperCase()}_PORT`]: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (log += data.toString()));
  const url = `http://127.0.0.1:${port}`;
  const service: ServiceProcess = {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    end: (signal) => endOf(child, signal),
    signal: (signal) => child.kill(signal),
  };
  try {
    await waitUntil(() => isReady(child, url), { timeoutMs: 60_000, what: `${name} to be ready` });
  } catch (error) {
    await service.end('SIGKILL');
    throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
  }
  return service;
}

async function isReady(child: ChildProcess, url: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`It exited with code ${child.exitCode}.`);
  return (await fetch(`${url}/readyz`)).ok;
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  // A stopped one gets SIGTERM only when it goes on.
  child.kill('SIGCONT');
  const patience = new AbortController();
  const tooLong = delay(END_WITHIN_MS, true, { signal: patience.signal }).catch(() => false);
  const hangs = await Promise.race([ended.then(() => false), tooLong]);
  patience.abort();
  if (!hangs) return child.exitCode;
  child.kill('SIGKILL');
  await ended;
  throw new Error(`Process ${child.pid} did not end within ${END_WITHIN_MS / 1000} s of ${signal}.`);
}

async function freePort(): Promise<number> {
  const server = await holdFreePort();
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
