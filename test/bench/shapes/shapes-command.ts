import { Command, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import type { Say } from '../../../scripts/demo/say.ts';
import { describeError } from '../../../src/platform/errors.ts';
import { withBenchStack } from '../bench-stack.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { rotateArms } from '../compare/rotate-arms.ts';
import type { Machine } from '../describe-machine.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { loadShapes, shapeList } from './load-shapes.ts';
import { measureShape, SKUS } from './measure-shape.ts';
import type { ShapeOptions } from './measure-shape.ts';
import { payloadBytes } from './payload-bytes.ts';
import { renderShapes } from './render-shapes.ts';
import type { ShapedWindow, ShapesReport } from './render-shapes.ts';

interface ShapesCommandOptions extends ShapeOptions {
  readonly arms: readonly string[];
  readonly variants: readonly string[];
  readonly repeats: number;
  readonly json?: string;
}

/** What the shape of the load does at one rate. */
export function shapesCommand(): Command {
  return new Command('shapes')
    .description(
      'The same rate with orders of more lines, with larger payloads, with one customer for all, and beside a transaction that stands ' +
        'open: each variant on a fresh arm.',
    )
    .addOption(
      new Option(
        '--arms <names>',
        'arms, separated by commas; polling-delete-500-10 is the one to compare with',
      )
        .argParser(armList)
        .default(['ours']),
    )
    .addOption(
      new Option('--variants <names>', 'variants, separated by commas')
        .argParser(shapeList)
        .default(loadShapes.map(({ name }) => name)),
    )
    .addOption(new Option('--rate <n>', 'orders a second').argParser(wholeNumber(1)).default(200))
    .addOption(new Option('--seconds <n>', 'how long').argParser(wholeNumber(1)).default(10))
    .addOption(
      new Option('--warm-up-seconds <n>', 'load before each variant, thrown away')
        .argParser(wholeNumber(0))
        .default(5),
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
    .action((options: ShapesCommandOptions) => shapes(options));
}

async function shapes({ json, ...options }: ShapesCommandOptions): Promise<void> {
  const say = createSay(process.stdout);
  const failed: string[] = [];
  const report = await withBenchStack(say, (machine, stopping) =>
    measureShapes(machine, {
      options,
      say,
      stopping,
      failed,
      save: (soFar) => saveResult('shapes', soFar, json),
    }),
  );
  say.line(`\n${renderShapes(report)}`);
  if (failed.length > 0)
    throw new Error(`Could not be measured, with the reasons above: ${failed.join(', ')}.`);
}

interface Run {
  readonly options: Omit<ShapesCommandOptions, 'json'>;
  readonly say: Say;
  readonly stopping: AbortSignal;
  /** Is told of those that could not be measured. */
  readonly failed: string[];
  /** Called after each repeat. */
  readonly save: (soFar: ShapesReport) => void;
}

async function measureShapes(machine: Machine, run: Run): Promise<ShapesReport> {
  const { say, stopping, failed, save } = run;
  const { arms: armNames, variants, ...options } = run.options;
  const takenAt = new Date().toISOString();
  const chosen = loadShapes
    .filter(({ name }) => variants.includes(name))
    .flatMap((shape) => arms.filter(({ name }) => armNames.includes(name)).map((arm) => ({ shape, arm })));
  const windows: ShapedWindow[] = [];
  const soFar = (): ShapesReport => ({ machine, takenAt, options, windows });
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    for (const { shape, arm } of rotateArms(chosen, repeat)) {
      const { lines, skuCharacters, customers } = shape;
      // Each repeat sends other orders.
      const seed = options.seed + 1_000 * repeat;
      const title = `${shape.name}, ${arm.name}, ${repeat + 1} of ${options.repeats}`;
      try {
        const window = await say.step(title, () => measureShape(arm, shape, { ...options, seed }, stopping));
        const bytes = payloadBytes({ orders: 200, skus: SKUS, lines, skuCharacters, customers, seed });
        windows.push({ ...window, shape: shape.name, arm: arm.name, repeat, lines, payloadBytes: bytes });
      } catch (error) {
        stopping.throwIfAborted();
        say.line(`✗ ${title}: ${describeError(error)}`);
        failed.push(title);
      }
    }
    if (windows.length > 0) save(soFar());
  }
  return soFar();
}
