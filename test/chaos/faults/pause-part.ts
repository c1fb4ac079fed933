import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ResourceName } from '../../../scripts/stack/resource.ts';
import type { ServiceName } from '../../support/test-pipeline.ts';
import { testStack } from '../../support/test-stack.ts';
import type { Fault } from '../fault.ts';
import type { Storm } from '../storm.ts';

/** Longer than a session time-out of Kafka's groups (10 s) at times. */
const HOLD_MS = [1_000, 13_000] as const;

/** @param list the pids of a process's children */
export const pause = (
  name: string,
  pidOf: (storm: Storm) => number,
  list: (parent: number) => Promise<readonly number[]> = childrenOf,
): Fault => ({
  name: `pause-${name}`,
  what: `SIGSTOP of ${name}${name === 'postgres' ? ' and its children' : ''}, then SIGCONT`,
  holdMs: HOLD_MS,
  weight: 2,
  async strike(storm, { holdMs }) {
    const parent = pidOf(storm);
    const children: number[] = [];
    try {
      // First, so that it starts no others. A Postgres whose children work on is not asleep.
      signal(parent, 'SIGSTOP');
      children.push(...(await list(parent)));
      for (const child of children) signal(child, 'SIGSTOP');
      await storm.hold(holdMs);
    } finally {
      for (const pid of [...children, parent]) signal(pid, 'SIGCONT');
    }
    return `asleep for ${holdMs} ms`;
  },
});

const pauseService = (name: ServiceName): Fault => pause(name, (storm) => storm.pipeline.service(name).pid);

const pausePart = (name: ResourceName): Fault =>
  pause(name, () => {
    const pid = testStack().resource(name).pid();
    if (pid === undefined) throw new Error(`${name} does not run.`);
    return pid;
  });

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,ppid=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

/** A child may have ended meanwhile. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export const pauseFaults: readonly Fault[] = [
  ...(['orders', 'inventory', 'sales'] as const).map(pauseService),
  ...(['postgres', 'kafka', 'connect', 'registry'] as const).map(pausePart),
];
