import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import type { Say } from '../../../scripts/demo/say.ts';
import { describeError } from '../../../src/platform/errors.ts';
import { withBenchStack } from '../bench-stack.ts';
import { rotateArms } from '../compare/rotate-arms.ts';
import type { Machine } from '../describe-machine.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { renderStages } from './render-stages.ts';
import type { StagesReport } from './render-stages.ts';
import type { StageOptions } from './stage.ts';
import { stageList, stages } from './stages.ts';
import type { StageRun } from './summarise-stages.ts';

interface StagesCommandOptions extends StageOptions {
  readonly stages: readonly string[];
  readonly repeats: number;
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
    .addOption(
      new Option('--repeats <n>', 'how often, in another order each time')
        .argParser(wholeNumber(1))
        .default(1),
    )
    .addOption(
      new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1),
    )
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: StagesCommandOptions) => measureAll(options));
}

async function measureAll({ json, ...options }: StagesCommandOptions): Promise<void> {
  const say = createSay(process.stdout);
  const failed: string[] = [];
  const report = await withBenchStack(say, (machine, stopping) =>
    measureStages(machine, {
      options,
      say,
      stopping,
      failed,
      save: (soFar) => saveResult('stages', soFar, json),
    }),
  );
  say.line(`\n${renderStages(report)}`);
  if (failed.length > 0)
    throw new Error(`Could not be measured, with the reasons above: ${failed.join(', ')}.`);
}

interface Run {
  readonly options: Omit<StagesCommandOptions, 'json'>;
  readonly say: Say;
  readonly stopping: AbortSignal;
  /** Is told of those that could not be measured. */
  readonly failed: string[];
  /** Called after each repeat. */
  readonly save: (soFar: StagesReport) => void;
}

async function measureStages(machine: Machine, run: Run): Promise<StagesReport> {
  const { say, stopping, failed, save } = run;
  const { stages: names, ...options } = run.options;
  const takenAt = new Date().toISOString();
  const chosen = stages.filter(({ name }) => names.includes(name));
  const runs: StageRun[] = [];
  const soFar = (): StagesReport => ({ machine, takenAt, options, runs });
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const stage of rotateArms(chosen, repeat)) {
      const title = `${stage.name}, ${repeat + 1} of ${options.repeats}`;
      // Each repeat sends other orders.
      const settings = { ...options, seed: options.seed + 1_000 * repeat };
      try {
        const figures = await say.step(title, () => stage.measure(settings, stopping));
        runs.push({ stage: stage.name, ...figures });
      } catch (error) {
        stopping.throwIfAborted();
        say.line(`✗ ${title}: ${describeError(error)}`);
        failed.push(title);
      }
    }
    if (runs.length > 0) save(soFar());
  }
  return soFar();
}
