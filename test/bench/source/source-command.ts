import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { rotateArms } from '../compare/rotate-arms.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureSource } from './measure-source.ts';
import type { SourceOptions, SourceRun } from './measure-source.ts';
import { renderSource } from './render-source.ts';
import { sourceWays } from './source-ways.ts';

interface SourceCommandOptions extends SourceOptions {
  readonly repeats: number;
  readonly json?: string;
}

/** What the outbox and its reader cost the database that they stand in. */
export function sourceCommand(): Command {
  return new Command('source')
    .description(
      'Orders a second that the source database commits without an outbox row, with one, and with one that the connector reads from the log ' +
        'meanwhile: the transaction of POST /orders in this process, without HTTP.',
    )
    .addOption(
      new Option('--clients <n>', 'connections, each with its next order as soon as the last is committed')
        .argParser(wholeNumber(1))
        .default(8),
    )
    .addOption(new Option('--seconds <n>', 'how long each').argParser(wholeNumber(1)).default(10))
    .addOption(
      new Option('--warm-up-seconds <n>', 'before each, thrown away').argParser(wholeNumber(0)).default(3),
    )
    .addOption(
      new Option('--repeats <n>', 'how often, in another order each time')
        .argParser(wholeNumber(1))
        .default(3),
    )
    .addOption(
      new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1),
    )
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: SourceCommandOptions) => source(options));
}

async function source({ json, ...options }: SourceCommandOptions): Promise<void> {
  const say = createSay(process.stdout);
  const report = await withBenchStack(say, async (machine, stopping) => {
    const takenAt = new Date().toISOString();
    const runs: SourceRun[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat += 1)
      for (const way of rotateArms(sourceWays, repeat)) {
        // Each repeat commits other orders, each way the same.
        const settings = { ...options, seed: options.seed + 1_000 * repeat };
        runs.push(
          await say.step(`${way.name}, ${repeat + 1} of ${options.repeats}`, () =>
            measureSource(way, settings, stopping),
          ),
        );
      }
    return { machine, takenAt, options, runs };
  });
  say.line(`\n${renderSource(report)}`);
  saveResult('source', report, json);
}
