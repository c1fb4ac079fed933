import { Command, Option } from 'commander';
import { jsonOption } from '../bench-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureIdle } from './measure-idle.ts';
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
    .addOption(jsonOption())
    .action((options: IdleOptions) => idle(options));
}

function idle({ arms: names, seconds, json }: IdleOptions): Promise<void> {
  return measureSection({
    ...{ name: 'idle', json, repeats: 1 },
    items: arms.filter(({ name }) => names.includes(name)),
    titleOf: ({ name }) => name,
    measure: (arm, _, stopping) => measureIdle(arm, { seconds }, stopping),
    reportOf: (taken, measured) => ({ ...taken, seconds, arms: measured }),
    render: renderIdle,
  });
}
