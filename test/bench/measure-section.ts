import { createSay } from '../../scripts/demo/say.ts';
import { describeError } from '../../src/platform/errors.ts';
import { withBenchStack } from './bench-stack.ts';
import { rotateArms } from './compare/rotate-arms.ts';
import type { Machine } from './describe-machine.ts';
import { saveResult } from './report/save-result.ts';

/** When and on what it was measured. */
export interface Taken {
  readonly machine: Machine;
  readonly takenAt: string;
}

/** A section of bench/REPORT.md: what is measured for it, and how it is told. */
export interface Section<Item, Result, Report> {
  /** Of the section, and of its file in bench/results. */
  readonly name: string;
  /** A file for the figures, which then do not go into the report. */
  readonly json: string | undefined;
  /** Before everything else, thrown away. */
  readonly warmUp?: (stopping: AbortSignal) => Promise<void>;
  readonly items: readonly Item[];
  readonly repeats: number;
  readonly titleOf: (item: Item) => string;
  readonly measure: (item: Item, repeat: number, stopping: AbortSignal) => Promise<Result>;
  readonly reportOf: (taken: Taken, results: readonly Result[]) => Report;
  readonly render: (report: Report) => string;
}

/**
 * Measures each item once a round on a stack of its own, in another order in each round, and saves after each round: an hour's figures must
 * not be lost because the last round is stopped. An item that fails is told and left out, since the others' figures are good all the same.
 * @throws Error in the end, naming what failed; the reason of a signal
 */
export async function measureSection<Item, Result, Report>(
  section: Section<Item, Result, Report>,
): Promise<void> {
  const { items, repeats, titleOf, measure, reportOf, warmUp } = section;
  const say = createSay(process.stdout);
  const results: Result[] = [];
  const failed: string[] = [];
  const taken = await withBenchStack(say, async (machine, stopping) => {
    const taken: Taken = { machine, takenAt: new Date().toISOString() };
    if (warmUp !== undefined) await say.step('warm-up, not counted', () => warmUp(stopping));
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (const item of rotateArms(items, repeat)) {
        const title = `${titleOf(item)}${repeats > 1 ? `, ${repeat + 1} of ${repeats}` : ''}`;
        try {
          results.push(await say.step(title, () => measure(item, repeat, stopping)));
        } catch (error) {
          stopping.throwIfAborted();
          say.line(`✗ ${title}: ${describeError(error)}`);
          failed.push(title);
        }
      }
      if (results.length > 0) saveResult(section.name, reportOf(taken, results), section.json);
    }
    return taken;
  });
  if (results.length > 0) say.line(`\n${section.render(reportOf(taken, results))}`);
  if (failed.length > 0)
    throw new Error(`Could not be measured, with the reasons above: ${failed.join(', ')}.`);
}
