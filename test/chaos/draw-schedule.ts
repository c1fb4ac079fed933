import { seededRandom } from '../support/seeded-random.ts';
import type { Fault, Strike } from './fault.ts';

export interface PlannedStrike extends Strike {
  readonly fault: Fault;
  /** Quiet before it. */
  readonly pauseMs: number;
}

const PAUSE_MS = [500, 3_500] as const;
/** What making good takes besides, roughly; the length of a storm is a plan, not a promise. */
const RECOVERY_MS = 3_000;

/**
 * The strikes of a storm: they follow from the seed, the minutes and the list of faults alone, and not from what happens.
 * At least one.
 */
export function drawSchedule(options: {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly Fault[];
}): PlannedStrike[] {
  // Not the stream of the load: more orders must not mean other faults.
  const random = seededRandom(options.seed ^ 0x5f37_59df);
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least));
  const schedule: PlannedStrike[] = [];
  const endMs = options.minutes * 60_000;
  for (let plannedMs = 0; plannedMs < endMs || schedule.length === 0;) {
    const fault = drawFault(options.faults, random());
    const pauseMs = between(PAUSE_MS);
    const holdMs = between(fault.holdMs);
    schedule.push({ number: schedule.length + 1, fault, pauseMs, holdMs, choice: random() });
    plannedMs += pauseMs + holdMs + RECOVERY_MS;
  }
  return schedule;
}

/** By weight; those that are drawn only when they are named, each as often as the other. */
function drawFault(faults: readonly Fault[], drawn: number): Fault {
  const [first] = faults;
  if (first === undefined) throw new RangeError('There is no fault to draw from.');
  const weights = faults.reduce((sum, { weight }) => sum + weight, 0);
  if (weights === 0) return faults[Math.floor(drawn * faults.length)] ?? first;
  let left = drawn * weights;
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  return first;
}
