import { Command, Option } from 'commander';
import { jsonOption, repeatsOption, seedOfRepeat, seedOption, stackWarmUpOption } from '../bench-options.ts';
import { ours } from '../compare/arms/debezium-arm.ts';
import { warmUpStack } from '../compare/warm-up-stack.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { renderStages } from './render-stages.ts';
import type { StageOptions } from './stage.ts';
import { stageList, stages } from './stages.ts';
import type { StageRun } from './summarise-stages.ts';

interface StagesCommandOptions extends StageOptions {
  readonly stages: readonly string[];
  readonly repeats: number;
  readonly stackWarmUpSeconds: number;
  readonly json?: string;
}

/** How much each part of an order's way could do if it were alone. */
export function stagesCommand(): Command {
  return new Command('stages')
    .description(
      'Each stage of an order’s way by itself: HTTP, the commit, the slot’s decoding, Debezium to Kafka, kafkajs with Avro, and applying. ' +
        'Its ceiling, what an event costs there, and the limit that follows.',
    )
    .addOption(
      new Option('--stages <names>', 'stages, separated by commas')
        .argParser(stageList)
        .default(stages.map(({ name }) => name)),
    )
    .addOption(
      new Option('--orders <n>', 'orders that decode, debezium, consume and apply work off')
        .argParser(wholeNumber(1))
        .default(50_000),
    )
    .addOption(
      new Option('--seconds <n>', 'how long http and commit take requests')
        .argParser(wholeNumber(1))
        .default(10),
    )
    .addOption(repeatsOption(1))
    .addOption(seedOption())
    .addOption(stackWarmUpOption())
    .addOption(jsonOption())
    .action((options: StagesCommandOptions) => measureAll(options));
}

function measureAll({
  json,
  stages: names,
  stackWarmUpSeconds,
  ...options
}: StagesCommandOptions): Promise<void> {
  return measureSection({
    ...{ name: 'stages', json, repeats: options.repeats },
    warmUp: (stopping) => warmUpStack([ours], stackWarmUpSeconds, stopping),
    items: stages.filter(({ name }) => names.includes(name)),
    titleOf: ({ name }) => name,
    measure: async (stage, repeat, stopping): Promise<StageRun> => {
      const settings = { ...options, seed: seedOfRepeat(options.seed, repeat) };
      return { stage: stage.name, ...(await stage.measure(settings, stopping)) };
    },
    reportOf: (taken, runs) => ({ ...taken, options, runs }),
    render: renderStages,
  });
}
