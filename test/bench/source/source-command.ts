import { Command, Option } from 'commander';
import { jsonOption, repeatsOption, seedOfRepeat, seedOption, stackWarmUpOption } from '../bench-options.ts';
import { ours } from '../compare/arms/debezium-arm.ts';
import { warmUpStack } from '../compare/warm-up-stack.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { measureSource } from './measure-source.ts';
import type { Cores } from './place-on-cores.ts';
import type { SourceOptions } from './measure-source.ts';
import { renderSource } from './render-source.ts';
import { sourceWays } from './source-ways.ts';

interface SourceCommandOptions extends SourceOptions {
  readonly cores: Cores | 'both';
  readonly repeats: number;
  readonly stackWarmUpSeconds: number;
  readonly json?: string;
}

/** What the outbox and its reader cost the database that they stand in. */
export function sourceCommand(): Command {
  return new Command('source')
    .description(
      'Orders a second that the source database commits without an outbox row, with one, and with one that the connector or a polling ' +
        'relay brings to Kafka meanwhile: the transaction of POST /orders in this process, without HTTP.',
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
      new Option(
        '--cores <which>',
        'shared: all on all cores; apart: the source and its clients on the first core alone',
      )
        .choices(['shared', 'apart', 'both'])
        .default('both'),
    )
    .addOption(repeatsOption(3))
    .addOption(seedOption())
    .addOption(stackWarmUpOption())
    .addOption(jsonOption())
    .action((options: SourceCommandOptions) => source(options));
}

function source({
  json,
  stackWarmUpSeconds,
  cores: chosen,
  ...options
}: SourceCommandOptions): Promise<void> {
  const places: readonly Cores[] = chosen === 'both' ? ['shared', 'apart'] : [chosen];
  return measureSection({
    ...{ name: 'source', json, repeats: options.repeats },
    warmUp: (stopping) => warmUpStack([ours], stackWarmUpSeconds, stopping),
    items: places.flatMap((cores) => sourceWays.map((way) => ({ way, cores }))),
    titleOf: ({ way, cores }) => `${way.name}, ${cores}`,
    measure: (item, repeat, stopping) =>
      measureSource(item, { ...options, seed: seedOfRepeat(options.seed, repeat) }, stopping),
    reportOf: (taken, runs) => ({ ...taken, options, runs }),
    render: renderSource,
  });
}
