import type { ServiceName } from '../../support/test-pipeline.ts';
import { chosen } from '../fault.ts';
import type { Fault } from '../fault.ts';
import { report, waitInStorm } from '../storm.ts';

const rebalances: Fault = {
  name: 'rebalance-storm',
  what: 'instances of a consumer come and go, one after the other: the group rebalances all the while',
  holdMs: [300, 1_500],
  weight: 1,
  async strike(storm, strike) {
    const name = chosen(strike, ['inventory', 'sales', 'orders']);
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      const instance = await storm.pipeline.addInstance(name);
      await storm.hold(strike.holdMs);
      await instance.end(round % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
    }
    return `${name}, ${rounds} times`;
  },
};

const rolling = (name: ServiceName): Fault => ({
  name: `rolling-restart-${name}`,
  what: `a new instance of the ${name} service takes over, then the old one is told to end; no request may fail`,
  holdMs: [200, 1_000],
  weight: 1,
  async strike(storm, strike) {
    // What an earlier fault still keeps from being answered is not this one's.
    await waitInStorm(storm, () => storm.load.open <= 5, {
      timeoutMs: 90_000,
      what: 'earlier requests to be answered',
    });
    const before = storm.load.counts.retries;
    const old = await storm.pipeline.replace(name);
    await storm.hold(strike.holdMs);
    const code = await old.end('SIGTERM');
    await storm.hold(500);
    const failed = storm.load.counts.retries - before;
    if (code !== 0) report(storm, 'restart-unseen', `${name} ended with ${String(code)} after SIGTERM`);
    if (failed > 0) report(storm, 'restart-unseen', `${failed} requests failed while ${name} was restarted`);
    return `ended with ${String(code)}, ${failed} requests failed`;
  },
});

export const instanceFaults: readonly Fault[] = [
  rebalances,
  ...(['orders', 'inventory', 'sales'] as const).map(rolling),
];
