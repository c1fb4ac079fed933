import { describeError } from '../../src/platform/errors.ts';
import type { PlannedStrike } from './draw-schedule.ts';
import { readState } from './read-state.ts';
import { report } from './storm.ts';
import type { Storm } from './storm.ts';

/** What became of a strike. */
export interface StrikeResult {
  readonly number: number;
  readonly fault: string;
  readonly seconds: number;
  readonly outcome: string;
  readonly failed: boolean;
}

/**
 * Strikes one after the other: the next one comes when the part works again, and most often before what it left undone is
 * caught up. One that could not be made good is noted, and the storm goes on.
 * @param sayNow what is under way, until the next line
 */
export async function runStorm(
  storm: Storm,
  schedule: readonly PlannedStrike[],
  say: (line: string) => void,
  sayNow: (line: string) => void = () => undefined,
): Promise<StrikeResult[]> {
  const results: StrikeResult[] = [];
  const stormBegan = performance.now();
  const secondsSince = (then: number): string => ((performance.now() - then) / 1_000).toFixed(1);
  for (const planned of schedule) {
    await storm.hold(planned.pauseMs);
    const { number, fault } = planned;
    const place = `${String(number).padStart(3)} of ${schedule.length}  ${fault.name.padEnd(32)}`;
    sayNow(`  ${place}`);
    const began = performance.now();
    const { outcome, failed } = await strikeOnce(storm, planned);
    const seconds = secondsSince(began);
    results.push({ number, fault: fault.name, seconds: Number(seconds), outcome, failed });
    const state = await readState(storm);
    say(`${failed ? '✗' : '·'} ${place} ${seconds.padStart(5)} s  ${outcome}`);
    say(`      at ${secondsSince(stormBegan)} s: ${state}`);
  }
  return results;
}

async function strikeOnce(
  storm: Storm,
  { fault, ...strike }: PlannedStrike,
): Promise<{ outcome: string; failed: boolean }> {
  try {
    return { outcome: await fault.strike(storm, strike), failed: false };
  } catch (error) {
    storm.signal.throwIfAborted();
    const reason = describeError(error);
    report(storm, 'fault-mended', `${strike.number} ${fault.name}: ${reason}`);
    return { outcome: reason, failed: true };
  }
}
