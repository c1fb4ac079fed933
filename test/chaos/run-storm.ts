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
  /** Made good; not made good; nothing was spoilt. */
  readonly kind: 'mended' | 'failed' | 'skipped';
}

/** A strike that spoilt nothing was no fault. */
export const wasFault = ({ kind }: StrikeResult): boolean => kind !== 'skipped';

const marks: Readonly<Record<StrikeResult['kind'], string>> = { mended: '·', failed: '✗', skipped: '-' };

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
    const { outcome, kind } = await strikeOnce(storm, planned);
    const seconds = secondsSince(began);
    results.push({ number, fault: fault.name, seconds: Number(seconds), outcome, kind });
    const state = await readState(storm);
    const words = kind === 'skipped' ? `skipped: ${outcome}` : outcome;
    say(`${marks[kind]} ${place} ${seconds.padStart(5)} s  ${words}`);
    say(`      at ${secondsSince(stormBegan)} s: ${state}`);
  }
  return results;
}

async function strikeOnce(
  storm: Storm,
  { fault, ...strike }: PlannedStrike,
): Promise<Pick<StrikeResult, 'outcome' | 'kind'>> {
  try {
    const seen = await fault.strike(storm, strike);
    return typeof seen === 'string'
      ? { outcome: seen, kind: 'mended' }
      : { outcome: seen.skipped, kind: 'skipped' };
  } catch (error) {
    storm.signal.throwIfAborted();
    const reason = describeError(error);
    report(storm, 'fault-mended', `${strike.number} ${fault.name}: ${reason}`);
    return { outcome: reason, kind: 'failed' };
  }
}
