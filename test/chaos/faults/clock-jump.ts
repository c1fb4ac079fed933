import { NO_FAKE_CLOCKS } from '../../support/fake-clocks.ts';
import type { Fault } from '../fault.ts';
import { chosen } from '../fault.ts';

const HOUR_S = 3_600;

const clocked = ['orders', 'inventory', 'sales', 'connect', 'kafka', 'postgres'] as const;

/** Ahead and back, or back and ahead: each strike jumps both ways. */
const clockJump = (name: (typeof clocked)[number]): Fault => ({
  name: `clock-jump-${name}`,
  what: `the clock of ${name} jumps by an hour, ahead or back, and is set right again`,
  holdMs: [2_000, 12_000],
  // Only when it is named: with it in the draw every storm would run under libfaketime.
  weight: 0,
  async strike(storm, strike) {
    const { clocks } = storm;
    if (clocks === undefined) return { skipped: NO_FAKE_CLOCKS };
    const seconds = chosen(strike, [HOUR_S, -HOUR_S]);
    if (name === 'postgres')
      storm.undecidable.set(
        'applied-in-order',
        'it goes by the times of commits, and Postgres’ clock was set back',
      );
    clocks.set(name, seconds);
    try {
      await storm.hold(strike.holdMs);
    } finally {
      clocks.set(name, 0);
    }
    return `an hour ${seconds > 0 ? 'ahead' : 'back'} for ${strike.holdMs} ms`;
  },
});

export const clockFaults: readonly Fault[] = clocked.map(clockJump);

export const needsFakeClocks = (faults: readonly Fault[]): boolean =>
  faults.some((fault) => clockFaults.includes(fault));
