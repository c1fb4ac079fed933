import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { armList } from '../compare/compare-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { wholeNumber } from '../whole-number.ts';
import { saveResult } from '../report/save-result.ts';
import { killArm } from './kill-arm.ts';
import type { KilledArm, KillOptions } from './kill-arm.ts';
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
    .addOption(
      new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1),
    )
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: KillCommandOptions) => kill(options));
}

async function kill({ arms: names, json, ...options }: KillCommandOptions): Promise<void> {
  const say = createSay(process.stdout);
  const report = await withBenchStack(say, async (machine, stopping) => {
    const takenAt = new Date().toISOString();
    const killed: KilledArm[] = [];
    for (const arm of arms.filter(({ name }) => names.includes(name)))
      killed.push(await say.step(arm.name, () => killArm(arm, options, stopping)));
    return { machine, takenAt, options, arms: killed };
  });
  say.line(`\n${renderKills(report)}`);
  saveResult('kill', report, json);
}
