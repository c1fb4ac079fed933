import type { ServiceName } from '../../support/test-pipeline.ts';
import type { Fault } from '../fault.ts';
import { waitInStorm } from '../storm.ts';

const signals = { 'before-commit': 'SIGHUP', 'after-commit': 'SIGUSR2' } as const;

/** A consumer commits only when its group has come together again after an earlier fault (test/chaos/README.md, "Seen once"). */
const NEXT_COMMIT_MS = 90_000;

const crash = (name: ServiceName, point: keyof typeof signals): Fault => ({
  name: `crash-${name}-${point}`,
  what:
    point === 'before-commit'
      ? `the ${name} service dies with its work done, before it sends COMMIT`
      : `the ${name} service dies after COMMIT, before an answer or an offset leaves it`,
  holdMs: [0, 500],
  weight: 2,
  async strike(storm, { holdMs }) {
    const { pid } = storm.pipeline.service(name);
    process.kill(pid, signals[point]);
    try {
      await waitInStorm(storm, () => !isAlive(pid), {
        timeoutMs: NEXT_COMMIT_MS,
        what: `${name} to commit and die`,
      });
    } finally {
      await storm.pipeline.service(name).end('SIGKILL');
    }
    await storm.hold(holdMs);
    await storm.pipeline.restart(name);
    return `died ${point.replace('-', ' ')}`;
  },
});

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export const crashFaults: readonly Fault[] = (['orders', 'inventory', 'sales'] as const).flatMap((name) =>
  (['before-commit', 'after-commit'] as const).map((point) => crash(name, point)),
);
