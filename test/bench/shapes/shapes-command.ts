import { Command, Option } from 'commander';
import { jsonOption, repeatsOption, seedOfRepeat, seedOption, stackWarmUpOption } from '../bench-options.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList } from '../compare/compare-options.ts';
import { warmUpStack } from '../compare/warm-up-stack.ts';
import { measureSection } from '../measure-section.ts';
import { wholeNumber } from '../whole-number.ts';
import { loadShapes, shapeList } from './load-shapes.ts';
import { measureShape, SKUS } from './measure-shape.ts';
import type { ShapeOptions } from './measure-shape.ts';
import { payloadBytes } from './payload-bytes.ts';
import { renderShapes } from './render-shapes.ts';
import type { ShapedWindow } from './render-shapes.ts';

interface ShapesCommandOptions extends ShapeOptions {
  readonly arms: readonly string[];
  readonly variants: readonly string[];
  readonly repeats: number;
  readonly stackWarmUpSeconds: number;
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
    .addOption(repeatsOption(1))
    .addOption(seedOption())
    .addOption(stackWarmUpOption())
    .addOption(jsonOption())
    .action((options: ShapesCommandOptions) => shapes(options));
}

function shapes({
  json,
  arms: armNames,
  variants,
  stackWarmUpSeconds,
  ...options
}: ShapesCommandOptions): Promise<void> {
  const chosen = arms.filter(({ name }) => armNames.includes(name));
  return measureSection({
    ...{ name: 'shapes', json, repeats: options.repeats },
    warmUp: (stopping) => warmUpStack(chosen, stackWarmUpSeconds, stopping),
    items: loadShapes
      .filter(({ name }) => variants.includes(name))
      .flatMap((shape) => chosen.map((arm) => ({ shape, arm }))),
    titleOf: ({ shape, arm }) => `${shape.name}, ${arm.name}`,
    measure: async ({ shape, arm }, repeat, stopping): Promise<ShapedWindow> => {
      const { lines, skuCharacters, customers } = shape;
      const seed = seedOfRepeat(options.seed, repeat);
      const window = await measureShape(arm, shape, { ...options, seed }, stopping);
      const bytes = payloadBytes({ orders: 200, skus: SKUS, lines, skuCharacters, customers, seed });
      return { ...window, shape: shape.name, arm: arm.name, repeat, lines, payloadBytes: bytes };
    },
    reportOf: (taken, windows) => ({ ...taken, options, windows }),
    render: renderShapes,
  });
}
