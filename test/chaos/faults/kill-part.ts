import type { ResourceName } from '../../../scripts/stack/resource.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import type { ServiceName } from '../../support/test-pipeline.ts';
import { testStack } from '../../support/test-stack.ts';
import type { Fault } from '../fault.ts';

const HOLD_MS = [0, 4_000] as const;

const killService = (name: ServiceName): Fault => ({
  name: `kill-${name}`,
  what: `kill -9 of the ${name} service; its supervisor starts it again`,
  holdMs: HOLD_MS,
  weight: 3,
  async strike(storm, { holdMs }) {
    await storm.pipeline.service(name).end('SIGKILL');
    await storm.hold(holdMs);
    await storm.pipeline.restart(name);
    return `away for ${holdMs} ms`;
  },
});

const killPart = (name: ResourceName): Fault => ({
  name: `kill-${name}`,
  what: `kill -9 of ${name}; its supervisor starts it again`,
  holdMs: HOLD_MS,
  weight: 2,
  async strike(storm, { holdMs }) {
    await killNow(name);
    await storm.hold(holdMs);
    await testStack().up();
    return `away for ${holdMs} ms`;
  },
});

export async function killNow(name: ResourceName): Promise<void> {
  const pid = testStack().resource(name).pid();
  if (pid === undefined) throw new Error(`${name} does not run.`);
  process.kill(pid, 'SIGKILL');
  await waitUntil(() => testStack().resource(name).pid() === undefined, {
    timeoutMs: 10_000,
    what: `${name} to be dead`,
  });
}

export const killFaults: readonly Fault[] = [
  ...(['orders', 'inventory', 'sales'] as const).map(killService),
  ...(['postgres', 'kafka', 'connect', 'registry'] as const).map(killPart),
];
