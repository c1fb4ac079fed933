import { limitOf } from '../compare/computed-limit.ts';
import type { CostLimit } from '../compare/computed-limit.ts';
import { spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { StageFigures } from './stage.ts';

export interface StageRun extends StageFigures {
  readonly stage: string;
}

/** One stage, over the repeats. */
export interface StageSummary {
  readonly stage: string;
  readonly perSecond: Spread;
  /** CPU seconds an event, by process, over all repeats; undefined where the system has no /proc. */
  readonly costs: Readonly<Record<string, number>> | undefined;
  readonly limit: CostLimit | undefined;
  readonly busyElsewhere: Spread | undefined;
}

/** By stage, as they first come. */
export function summariseStages(runs: readonly StageRun[], cores: number): StageSummary[] {
  return [...Map.groupBy(runs, ({ stage }) => stage)].map(([stage, ofStage]) => {
    const costs = costsOf(ofStage);
    const busy = ofStage.flatMap(({ busyElsewhere }) => busyElsewhere ?? []);
    return {
      stage,
      perSecond: spreadOf(ofStage.map(({ perSecond }) => perSecond)),
      costs,
      limit: costs && limitOf(costs, cores),
      busyElsewhere: busy.length === 0 ? undefined : spreadOf(busy),
    };
  });
}

function costsOf(runs: readonly StageRun[]): Record<string, number> | undefined {
  const measured = runs.flatMap(({ cpu, events }) => (cpu === undefined ? [] : [{ cpu, events }]));
  if (measured.length === 0) return undefined;
  const events = measured.reduce((sum, run) => sum + run.events, 0);
  const costs: Record<string, number> = {};
  for (const { cpu } of measured)
    for (const [name, seconds] of Object.entries(cpu)) costs[name] = (costs[name] ?? 0) + seconds / events;
  return costs;
}

/** What is possible when one machine does all of these stages for each order; undefined unless each was measured. */
export function limitOfAll(
  summaries: readonly StageSummary[],
  names: readonly string[],
  cores: number,
): CostLimit | undefined {
  const costs: Record<string, number> = {};
  for (const name of names) {
    const ofStage = summaries.find(({ stage }) => stage === name)?.costs;
    if (ofStage === undefined) return undefined;
    for (const [process, seconds] of Object.entries(ofStage))
      costs[process] = (costs[process] ?? 0) + seconds;
  }
  return limitOf(costs, cores);
}
