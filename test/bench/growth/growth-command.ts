import { Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption, seedOption, stackWarmUpOption } from '../bench-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList, compareSettings } from '../compare/compare-options.ts';
import { measureArm } from '../compare/measure-arm.ts';
import { warmUpStack } from '../compare/warm-up-stack.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { renderGrowth } from './render-growth.ts';
import type { GrownWindow, GrowthOptions } from './render-growth.ts';

interface GrowthCommandOptions extends GrowthOptions {
  readonly stackWarmUpSeconds: number;
  readonly json?: string;
}

/** Those that keep their rows and can be told not to publish them again. */
const KEEPING = ['ours', 'debezium-defaults', 'polling-mark'];

/** Whether an order costs more when the outbox holds many rows. */
export function growthCommand(): Command {
  return new Command('growth')
    .description('The same load on an outbox that holds few rows, many, and very many.')
    .addOption(
      new Option('--arms <names>', 'arms that keep their rows, separated by commas')
        .argParser(keepingArms)
        .default(['ours', 'polling-mark-500-10']),
    )
    .addOption(
      new Option('--rows <list>', 'rows in the outbox before the load, separated by commas')
        .argParser((text: string) => text.split(',').map(wholeNumber(1)))
        .default([1_000, 100_000, 1_000_000]),
    )
    .addOption(new Option('--rate <n>', 'orders a second').argParser(wholeNumber(1)).default(200))
    .addOption(new Option('--seconds <n>', 'how long').argParser(wholeNumber(1)).default(10))
    .addOption(seedOption())
    .addOption(stackWarmUpOption())
    .addOption(jsonOption())
    .action((options: GrowthCommandOptions) => growth(options));
}

function keepingArms(text: string): string[] {
  const names = armList(text);
  const other = names.find((name) => !KEEPING.some((keeping) => name.startsWith(keeping)));
  if (other !== undefined)
    throw new InvalidArgumentError(
      `${other} keeps no rows. Those that do begin with: ${KEEPING.join(', ')}.`,
    );
  return names;
}

function growth({ json, stackWarmUpSeconds, ...options }: GrowthCommandOptions): Promise<void> {
  const { arms: names, rows, rate, seconds, seed } = options;
  const chosen = arms.filter(({ name }) => names.includes(name));
  return measureSection({
    ...{ name: 'growth', json, repeats: 1 },
    warmUp: (stopping) => warmUpStack(chosen, stackWarmUpSeconds, stopping),
    items: chosen.flatMap((arm) => rows.map((retained) => ({ arm, retained }))),
    titleOf: ({ arm, retained }) => `${arm.name} with ${retained} rows`,
    measure: async ({ arm, retained }, repeat, stopping): Promise<GrownWindow[]> => {
      const compared = compareSettings({ rates: [rate], seconds, seed });
      const settings = { ...compared, retained, repeat, warmUpSeconds: 5 };
      const windows = await measureArm(arm, settings, stopping);
      return windows.map((window) => ({ ...window, arm: arm.name, repeat, retained }));
    },
    reportOf: (taken, windows) => ({ ...taken, options, windows: windows.flat() }),
    render: renderGrowth,
  });
}
