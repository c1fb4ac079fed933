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
  const random = randomOfFaults(options.seed);
  const schedule: PlannedStrike[] = [];
  const endMs = options.minutes * 60_000;
  for (let plannedMs = 0; plannedMs < endMs || schedule.length === 0;) {
    const fault = drawFault(options.faults, random());
    const strike = drawStrike(schedule.length + 1, fault, random);
    schedule.push(strike);
    plannedMs += strike.pauseMs + strike.holdMs + RECOVERY_MS;
  }
  return schedule;
}

/** Every fault once, in the order of the list; the seed decides the rest. */
export function eachOnce(options: {
  readonly seed: number;
  readonly faults: readonly Fault[];
}): PlannedStrike[] {
  const random = randomOfFaults(options.seed);
  return options.faults.map((fault, index) => drawStrike(index + 1, fault, random));
}

/** Not the stream of the load: more orders must not mean other faults. */
const randomOfFaults = (seed: number): (() => number) => seededRandom(seed ^ 0x5f37_59df);

function drawStrike(number: number, fault: Fault, random: () => number): PlannedStrike {
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least));
  const pauseMs = between(PAUSE_MS);
  const holdMs = between(fault.holdMs);
  return { number, fault, pauseMs, holdMs, choice: random() };
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
