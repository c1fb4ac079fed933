import { spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { ApplyRun } from './measure-run.ts';

export interface ApplySummary {
  readonly ordersPerSecond: Spread;
  readonly seconds: Spread;
  readonly batches: Spread;
  /** Over the batches of all runs. */
  readonly ordersPerBatch: Spread;
  readonly roundTripsPerBatch: Spread;
  readonly statementsPerBatch: Spread;
  /** Microseconds of processor time for an order, by process. */
  readonly cpuMicrosPerOrder: Readonly<Record<string, Spread>>;
  /** Processors that something else kept busy. */
  readonly busyElsewhere: Spread;
  /** What goes out together in every batch, with milliseconds until all of it was answered. */
  readonly roundTrips: readonly { readonly name: string; readonly ms: Spread }[];
}

export function summarise(runs: readonly ApplyRun[]): ApplySummary {
  const over = (value: (run: ApplyRun) => number): Spread => spreadOf(runs.map(value));
  const names = Object.keys(runs[0]?.cpu ?? {});
  return {
    ordersPerSecond: over((run) => run.ordersPerSecond),
    seconds: over((run) => run.seconds),
    batches: over((run) => run.sizes.length),
    ordersPerBatch: spreadOf(runs.flatMap((run) => run.sizes)),
    roundTripsPerBatch: over(
      (run) => tripsOf(run).reduce((sum, { calls }) => sum + calls, 0) / run.sizes.length,
    ),
    statementsPerBatch: over(
      (run) =>
        tripsOf(run).reduce((sum, { calls, name }) => sum + calls * name.split(' + ').length, 0) /
        run.sizes.length,
    ),
    cpuMicrosPerOrder: Object.fromEntries(
      names.map((name) => [name, over((run) => ((run.cpu?.[name] ?? 0) * 1e6) / ordersOf(run))]),
    ),
    busyElsewhere: over((run) => run.busyElsewhere ?? Number.NaN),
    roundTrips: tripsOf(runs[0]).map(({ name }) => ({
      name,
      ms: over((run) => {
        const { calls, ms } = run.statements[name] ?? { calls: 0, ms: 0 };
        return ms / Math.max(1, calls);
      }),
    })),
  };
}

const ordersOf = (run: ApplyRun): number => run.sizes.reduce((sum, size) => sum + size, 0);

/**
 * What the service asks at its start, or once a second, is no part of a batch. The first batch of each partition has another round trip,
 * since the mark of its start is taken away.
 */
function tripsOf(run: ApplyRun | undefined): { name: string; calls: number; ms: number }[] {
  if (run === undefined) return [];
  return Object.entries(run.statements)
    .map(([name, { calls, ms }]) => ({ name, calls, ms }))
    .filter(({ calls }) => calls >= 0.9 * run.sizes.length);
}
