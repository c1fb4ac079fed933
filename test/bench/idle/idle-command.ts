import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureIdle } from './measure-idle.ts';
import type { Idle } from './measure-idle.ts';
import { renderIdle } from './render-idle.ts';

interface IdleOptions {
  readonly arms: readonly string[];
  readonly seconds: number;
  readonly json?: string;
}

/** The price of being ready. */
export function idleCommand(): Command {
  return new Command('idle')
    .description('Processor time and memory of each arm while nobody orders.')
    .addOption(
      new Option('--arms <names>', 'arms, separated by commas')
        .argParser(armList)
        .default(['ours', 'debezium-defaults', 'polling-delete-500-10']),
    )
    .addOption(new Option('--seconds <n>', 'how long').argParser(wholeNumber(1)).default(60))
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: IdleOptions) => idle(options));
}

async function idle({ arms: names, seconds, json }: IdleOptions): Promise<void> {
  const say = createSay(process.stdout);
  const report = await withBenchStack(say, async (machine, stopping) => {
    const takenAt = new Date().toISOString();
    const measured: Idle[] = [];
    for (const arm of arms.filter(({ name }) => names.includes(name)))
      measured.push(await say.step(arm.name, () => measureIdle(arm, { seconds }, stopping)));
    return { machine, takenAt, seconds, arms: measured };
  });
  say.line(`\n${renderIdle(report)}`);
  saveResult('idle', report, json);
}
