import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { pause } from '../../chaos/faults/pause-part.ts';
import type { Storm } from '../../chaos/storm.ts';

// One that has a child, as Postgres has; both live until they are killed.
const PARENT = `
  const child = require('node:child_process').spawn('sleep', ['600']);
  process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });
  console.log(child.pid);`;

let parent: ChildProcessByStdio<null, Readable, null>;
let pids: readonly number[];
beforeEach(async () => {
  parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
  pids = [parent.pid ?? 0, Number(printed.toString())];
});
afterEach(async () => {
  const ended = once(parent, 'exit');
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  parent.kill('SIGTERM');
  await ended;
});

/** In words of the kernel: T is stopped. */
const isStopped = (pid: number): boolean => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const areStopped = (): boolean[] => pids.map(isStopped);
const awake = (): Promise<boolean> =>
  waitUntil(() => !areStopped().includes(true), { timeoutMs: 5_000, what: 'both to go on' });

const strike = (hold: () => Promise<unknown>, list?: () => Promise<number[]>): Promise<unknown> =>
  pause('it', () => parent.pid ?? 0, list).strike({ hold } as unknown as Storm, {
    number: 1,
    holdMs: 7,
    choice: 0,
  });

test('a process sleeps with its children, and goes on with them', async () => {
  const asleep = (): Promise<boolean> =>
    waitUntil(() => !areStopped().includes(false), { timeoutMs: 5_000, what: 'both to sleep' });
  expect(await strike(asleep)).toBe('asleep for 7 ms');
  await awake();
});

test('a process goes on when its children can not be listed', async () => {
  const list = () => Promise.reject(new Error('ps is not there'));
  await expect(strike(() => Promise.resolve(), list)).rejects.toThrow('ps is not there');
  await awake();
});
