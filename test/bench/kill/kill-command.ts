import { Command, Option } from 'commander';
import { jsonOption, seedOption } from '../bench-options.ts';
import { armList } from '../compare/compare-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { killArm } from './kill-arm.ts';
import type { KillOptions } from './kill-arm.ts';
import { renderKills } from './render-kills.ts';

interface KillCommandOptions extends KillOptions {
  readonly arms: readonly string[];
  readonly json?: string;
}

/** What an arm loses when the service that takes orders is killed in the middle of it. */
export function killCommand(): Command {
  return new Command('kill')
    .description(
      'Kills the order service (kill -9) under load, again and again, and counts the orders of which no event ever came to Kafka.',
    )
    .addOption(
      new Option('--arms <names>', 'arms, separated by commas')
        .argParser(armList)
        .default(['ours', 'dual-write']),
    )
    .addOption(new Option('--kills <n>', 'how often').argParser(wholeNumber(1)).default(10))
    .addOption(new Option('--rate <n>', 'orders a second').argParser(wholeNumber(1)).default(200))
    .addOption(seedOption())
    .addOption(jsonOption())
    .action((options: KillCommandOptions) => kill(options));
}

function kill({ arms: names, json, ...options }: KillCommandOptions): Promise<void> {
  return measureSection({
    ...{ name: 'kill', json, repeats: 1 },
    items: arms.filter(({ name }) => names.includes(name)),
    titleOf: ({ name }) => name,
    measure: (arm, _, stopping) => killArm(arm, options, stopping),
    reportOf: (taken, killed) => ({ ...taken, options, arms: killed }),
    render: renderKills,
  });
}
