import { Command } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import type { Say } from '../../../scripts/demo/say.ts';
import { describeError } from '../../../src/platform/errors.ts';
import { withBenchStack } from '../bench-stack.ts';
import type { Machine } from '../describe-machine.ts';
import { formatNumber } from '../render-table.ts';
import { saveResult } from '../report/save-result.ts';
import { arms } from './arms/arms.ts';
import { compareOptions, compareSettings } from './compare-options.ts';
import type { CompareOptions, GivenOptions } from './compare-options.ts';
import { measureArm } from './measure-arm.ts';
import type { MeasuredWindow } from './measure-window.ts';
import { renderComparison } from './render-comparison.ts';
import type { Comparison } from './render-comparison.ts';
import { rotateArms } from './rotate-arms.ts';
import { warmUpStack } from './warm-up-stack.ts';
import { summariseWindows } from './summarise-windows.ts';
import type { ArmWindow } from './summarise-windows.ts';

/** What `npm run bench` does: each way to get an order's event to the stock, side by side. */
export function compareCommand(): Command {
  const command = new Command('compare').description(
    'Sends the same orders at the same moments through each arm, over HTTP, and times each from when it was to be sent until its ' +
      'stock is reserved and committed; with what it costs. The command that runs when none is named.',
  );
  for (const option of compareOptions) command.addOption(option);
  return command.action((given: GivenOptions) => compare(given));
}

async function compare(given: GivenOptions): Promise<void> {
  const options = compareSettings(given);
  const say = createSay(process.stdout);
  const save = (soFar: Comparison): void => {
    // A quick look is no figure for the report.
    if (given.quick !== true || options.json !== undefined) saveResult(options.section, soFar, options.json);
  };
  const comparison = await withBenchStack(say, (machine, stopping) =>
    measureArms(machine, { options, say, stopping, save }),
  );
  say.line(`\n${renderComparison(comparison)}`);
  if (comparison.failed.length > 0)
    throw new Error(`Could not be measured, with the reasons above: ${comparison.failed.join(', ')}.`);
}

/** The stack is warmed up for so many times as long as an arm. */
const WARM_UP_TIMES = 3;

interface Run {
  readonly options: CompareOptions;
  readonly say: Say;
  readonly stopping: AbortSignal;
  /** Called after each repeat: an hour's figures must not be lost because the last repeat is stopped. */
  readonly save: (soFar: Comparison) => void;
}

async function measureArms(machine: Machine, run: Run): Promise<Comparison> {
  const { options, say, stopping } = run;
  const takenAt = new Date().toISOString();
  const chosen = arms.filter(({ name }) => options.arms.includes(name));
  await say.step('warm-up of broker and worker, not counted', () =>
    warmUpStack(chosen, WARM_UP_TIMES * options.warmUpSeconds, stopping),
  );
  const windows: ArmWindow[] = [];
  const failed: string[] = [];
  const soFar = (repeats: number): Comparison => {
    const inOrder = chosen.flatMap(({ name }) => windows.filter((window) => window.arm === name));
    const summary = summariseWindows(inOrder);
    return { machine, takenAt, options: { ...options, repeats }, windows: inOrder, summary, failed };
  };
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const arm of rotateArms(chosen, repeat)) {
      say.line(`${arm.name}, ${repeat + 1} of ${options.repeats}`);
      try {
        const measured = await measureArm(arm, { ...options, repeat }, stopping, (window) =>
          say.line(`  ${lineOf(window)}`),
        );
        windows.push(...measured.map((window) => ({ arm: arm.name, repeat, ...window })));
      } catch (error) {
        stopping.throwIfAborted();
        // The other arms' figures are good all the same; the command ends with 1.
        say.line(`  ✗ ${describeError(error)}`);
        failed.push(arm.name);
      }
    }
    run.save(soFar(repeat + 1));
  }
  return soFar(options.repeats);
}

function lineOf({ rate, orders, refused, stages, applied, lost }: MeasuredWindow): string {
  const start = `${formatNumber(rate)} orders/s: `;
  if (stages === undefined)
    return `${start}fell behind, ${applied} of ${orders} applied in time${refused > 0 ? `, ${refused} refused` : ''}`;
  return `${start}${applied} of ${orders} orders applied${lost > 0 ? `, ${lost} lost` : ''}, p50 ${formatNumber(stages.applied.p50, 1)} ms, p99 ${formatNumber(stages.applied.p99, 1)} ms`;
}
