import { spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { SourceRun } from './measure-source.ts';

/** One way on its cores, over the repeats. */
export interface SourceSummary {
  readonly way: SourceRun['way'];
  readonly cores: SourceRun['cores'];
  /** Orders a second. */
  readonly perSecond: Spread;
  readonly walBytesPerOrder: Spread;
  /** Microseconds an order, by process; empty where the system has no /proc. */
  readonly cpuMicros: Readonly<Record<string, Spread>>;
  readonly behind: Spread | undefined;
  readonly busyElsewhere: Spread | undefined;
}

/** By way and cores, as they first come. */
export function summariseSource(runs: readonly SourceRun[]): SourceSummary[] {
  const groups = Map.groupBy(runs, ({ way, cores }) => `${way} ${cores}`);
  return [...groups.values()].flatMap((ofWay) => {
    const [first] = ofWay;
    if (first === undefined) return [];
    const known = (value: (run: SourceRun) => number | undefined): Spread | undefined => {
      const values = ofWay.map(value).filter((one) => one !== undefined);
      return values.length === 0 ? undefined : spreadOf(values);
    };
    return {
      way: first.way,
      cores: first.cores,
      perSecond: spreadOf(ofWay.map(({ orders, seconds }) => orders / seconds)),
      walBytesPerOrder: spreadOf(ofWay.map(({ walBytes, orders }) => walBytes / orders)),
      cpuMicros: cpuMicrosOf(ofWay),
      behind: known((run) => run.behind),
      busyElsewhere: known((run) => run.busyElsewhere),
    };
  });
}

function cpuMicrosOf(runs: readonly SourceRun[]): Record<string, Spread> {
  const measured = runs.flatMap(({ cpu, orders }) => (cpu === undefined ? [] : [{ cpu, orders }]));
  const names = [...new Set(measured.flatMap(({ cpu }) => Object.keys(cpu)))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      spreadOf(measured.map(({ cpu, orders }) => ((cpu[name] ?? 0) * 1e6) / orders)),
    ]),
  );
}

/** Percent of the orders a second that are gone; below 0 when it is quicker. */
export const lossPercent = (
  of: Pick<SourceSummary, 'perSecond'>,
  against: Pick<SourceSummary, 'perSecond'>,
): number => 100 * (1 - of.perSecond.median / against.perSecond.median);
