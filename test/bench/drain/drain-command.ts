import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { rotateArms } from '../compare/rotate-arms.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureDrain } from './measure-drain.ts';
import type { Drain, DrainOptions } from './measure-drain.ts';
import { renderDrains } from './render-drains.ts';

interface DrainCommandOptions extends DrainOptions {
  readonly arms: readonly string[];
  readonly repeats: number;
  readonly json?: string;
}

/** How fast an arm catches up after its relay was away. */
export function drainCommand(): Command {
  return new Command('drain')
    .description(
      'Takes orders in bulk (POST /orders/bulk) while the relay is stopped, then lets it go on and times until all are applied.',
    )
    .addOption(
      new Option('--arms <names>', 'arms with a relay, separated by commas')
        .argParser(armList)
        .default(['ours', 'polling-delete-500-10']),
    )
    .addOption(new Option('--orders <n>', 'orders that wait').argParser(wholeNumber(1)).default(100_000))
    .addOption(new Option('--repeats <n>', 'how often').argParser(wholeNumber(1)).default(3))
    .addOption(
      new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1),
    )
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: DrainCommandOptions) => drain(options));
}

async function drain({ arms: names, repeats, json, ...options }: DrainCommandOptions): Promise<void> {
  const say = createSay(process.stdout);
  const chosen = arms.filter(({ name }) => names.includes(name));
  const report = await withBenchStack(say, async (machine, stopping) => {
    const takenAt = new Date().toISOString();
    const drains: Drain[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1)
      for (const arm of rotateArms(chosen, repeat))
        drains.push(
          await say.step(`${arm.name}, ${repeat + 1} of ${repeats}`, () =>
            measureDrain(arm, options, stopping),
          ),
        );
    const inOrder = chosen.flatMap(({ name }) => drains.filter(({ arm }) => arm === name));
    return { machine, takenAt, options, drains: inOrder };
  });
  say.line(`\n${renderDrains(report)}`);
  saveResult('drain', report, json);
}
