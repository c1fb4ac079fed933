import { Command, Option } from 'commander';
import { jsonOption, repeatsOption, seedOption, stackWarmUpOption } from '../bench-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { warmUpStack } from '../compare/warm-up-stack.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureDrain } from './measure-drain.ts';
import { renderDrains } from './render-drains.ts';

interface DrainCommandOptions {
  /** How many orders wait, each by itself. */
  readonly orders: readonly number[];
  readonly seed: number;
  readonly arms: readonly string[];
  readonly repeats: number;
  readonly stackWarmUpSeconds: number;
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
    .addOption(
      new Option('--orders <list>', 'orders that wait, separated by commas')
        .argParser((text: string) => text.split(',').map(wholeNumber(1)))
        .default([100_000]),
    )
    .addOption(repeatsOption(3))
    .addOption(seedOption())
    .addOption(stackWarmUpOption())
    .addOption(jsonOption())
    .action((options: DrainCommandOptions) => drain(options));
}

function drain({
  arms: names,
  repeats,
  json,
  stackWarmUpSeconds,
  orders: sizes,
  seed,
}: DrainCommandOptions): Promise<void> {
  const chosen = arms.filter(({ name }) => names.includes(name));
  return measureSection({
    ...{ name: 'drain', json, repeats },
    warmUp: (stopping) => warmUpStack(chosen, stackWarmUpSeconds, stopping),
    items: sizes.flatMap((orders) => chosen.map((arm) => ({ arm, orders }))),
    titleOf: ({ arm, orders }) => `${arm.name}, ${orders} orders`,
    measure: ({ arm, orders }, _, stopping) => measureDrain(arm, { orders, seed }, stopping),
    reportOf: (taken, drains) => ({ ...taken, options: { seed }, drains }),
    render: renderDrains,
  });
}
