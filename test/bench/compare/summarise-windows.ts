import type { Percentiles } from '../percentiles.ts';
import { spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { LOAD_GENERATOR } from './measure-window.ts';
import type { MeasuredWindow, Stages } from './measure-window.ts';

/** One arm's window of one repeat. */
export interface ArmWindow extends MeasuredWindow {
  readonly arm: string;
  readonly repeat: number;
}

export type PercentileSpreads = Readonly<Record<keyof Percentiles, Spread>>;

/** One arm at one rate, over the repeats. */
export interface RateSummary {
  readonly arm: string;
  readonly rate: number;
  readonly runs: number;
  /** Repeats in which not all orders came through in time; then there are no latencies. */
  readonly fellBehind: number;
  /** Accepted orders that were never applied, over all repeats; and how many were accepted. */
  readonly lost: number;
  readonly accepted: number;
  readonly stages: Readonly<Record<keyof Stages, PercentileSpreads | undefined>> | undefined;
  /** Seconds for 1,000 orders, by process; without the load generator. */
  readonly cpuPerThousand: Readonly<Record<string, Spread>>;
  readonly cpuTotal: Spread | undefined;
  readonly walBytesPerOrder: Spread;
  readonly memory: Readonly<Record<string, Spread>>;
  readonly lateP99: Spread;
  /** Processors that something else kept busy. */
  readonly busyElsewhere: Spread | undefined;
}

/** By arm as they first come, then by rate. */
export function summariseWindows(windows: readonly ArmWindow[]): RateSummary[] {
  const names = [...new Set(windows.map(({ arm }) => arm))];
  const rates = [...new Set(windows.map(({ rate }) => rate))].toSorted((a, b) => a - b);
  return names.flatMap((arm) =>
    rates.flatMap((rate) => {
      const runs = windows.filter((window) => window.arm === arm && window.rate === rate);
      return runs.length === 0 ? [] : [summarise(arm, rate, runs)];
    }),
  );
}

function summarise(arm: string, rate: number, runs: readonly ArmWindow[]): RateSummary {
  const fellBehind = runs.filter(({ stages }) => stages === undefined).length;
  const cpu = runs.flatMap((run) => (run.cpu === undefined ? [] : [perThousand(run.cpu, run.orders)]));
  const sums = cpu.map((run) => Object.values(run).reduce((sum, seconds) => sum + seconds, 0));
  return {
    arm,
    rate,
    runs: runs.length,
    fellBehind,
    lost: runs.reduce((sum, { lost }) => sum + lost, 0),
    accepted: runs.reduce((sum, { orders }) => sum + orders, 0),
    stages: fellBehind > 0 ? undefined : stageSpreads(runs.flatMap(({ stages }) => stages ?? [])),
    cpuPerThousand: spreadsByName(cpu),
    cpuTotal: sums.length === 0 ? undefined : spreadOf(sums),
    walBytesPerOrder: spreadOf(runs.map(({ walBytes, orders }) => walBytes / orders)),
    memory: spreadsByName(runs.flatMap(({ memory }) => (memory === undefined ? [] : [byPart(memory)]))),
    lateP99: spreadOf(runs.map(({ lateMs }) => lateMs.p99)),
    busyElsewhere: spreadOfKnown(runs.map((run) => run.busyElsewhere)),
  };
}

function stageSpreads(runs: readonly Stages[]): RateSummary['stages'] {
  const spreads = (stage: keyof Stages): PercentileSpreads | undefined => {
    const values = runs.flatMap((run) => run[stage] ?? []);
    if (values.length === 0) return undefined;
    const over = (name: keyof Percentiles): Spread => spreadOf(values.map((value) => value[name]));
    return { p50: over('p50'), p90: over('p90'), p99: over('p99'), p999: over('p999'), max: over('max') };
  };
  return {
    answered: spreads('answered'),
    inKafka: spreads('inKafka'),
    applied: spreads('applied'),
    settled: spreads('settled'),
    answerToKafka: spreads('answerToKafka'),
    kafkaToApplied: spreads('kafkaToApplied'),
  };
}

function spreadOfKnown(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : spreadOf(known);
}

/** An arm may have a relay for each database: they count as one. The load generator is no part of any arm. */
function byPart(processes: Readonly<Record<string, number>>): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [name, value] of Object.entries(processes)) {
    const part = name.startsWith('relay') ? 'relay' : name;
    if (name !== LOAD_GENERATOR) parts[part] = (parts[part] ?? 0) + value;
  }
  return parts;
}

const perThousand = (cpu: Readonly<Record<string, number>>, orders: number): Record<string, number> =>
  Object.fromEntries(Object.entries(byPart(cpu)).map(([name, seconds]) => [name, (seconds / orders) * 1e3]));

function spreadsByName(runs: readonly Readonly<Record<string, number>>[]): Record<string, Spread> {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(runs.flatMap((run) => run[name] ?? []))] as const),
  );
}
