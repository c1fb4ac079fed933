import { Command, InvalidArgumentError, Option } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { arms } from '../compare/arms/arms.ts';
import { armList, compareSettings } from '../compare/compare-options.ts';
import { measureArm } from '../compare/measure-arm.ts';
import { saveResult } from '../report/save-result.ts';
import { wholeNumber } from '../whole-number.ts';
import { renderGrowth } from './render-growth.ts';
import type { GrownWindow, GrowthOptions } from './render-growth.ts';

/** Those that keep their rows and can be told not to publish them again. */
const KEEPING = ['ours', 'debezium-defaults', 'polling-mark'];

/** Whether an order costs more when the outbox holds many rows. */
export function growthCommand(): Command {
  return new Command('growth')
    .description('The same load on an outbox that holds few rows, many, and very many.')
    .addOption(
      new Option('--arms <names>', 'arms that keep their rows, separated by commas')
        .argParser(keepingArms)
        .default(['ours', 'polling-mark-500-10']),
    )
    .addOption(
      new Option('--rows <list>', 'rows in the outbox before the load, separated by commas')
        .argParser((text: string) => text.split(',').map(wholeNumber(1)))
        .default([1_000, 100_000, 1_000_000]),
    )
    .addOption(new Option('--rate <n>', 'orders a second').argParser(wholeNumber(1)).default(200))
    .addOption(new Option('--seconds <n>', 'how long').argParser(wholeNumber(1)).default(10))
    .addOption(
      new Option('--seed <n>', 'another seed gives other orders').argParser(wholeNumber(0)).default(1),
    )
    .addOption(new Option('--json <file>', 'write the figures to this file, and not into the report'))
    .action((options: GrowthOptions & { readonly json?: string }) => growth(options));
}

function keepingArms(text: string): string[] {
  const names = armList(text);
  const other = names.find((name) => !KEEPING.some((keeping) => name.startsWith(keeping)));
  if (other !== undefined)
    throw new InvalidArgumentError(
      `${other} keeps no rows. Those that do begin with: ${KEEPING.join(', ')}.`,
    );
  return names;
}

async function growth({ json, ...options }: GrowthOptions & { readonly json?: string }): Promise<void> {
  const say = createSay(process.stdout);
  const { arms: names, rows, rate, seconds, seed } = options;
  const report = await withBenchStack(say, async (machine, stopping) => {
    const takenAt = new Date().toISOString();
    const windows: GrownWindow[] = [];
    for (const arm of arms.filter(({ name }) => names.includes(name)))
      for (const retained of rows) {
        const settings = {
          ...compareSettings({ rates: [rate], seconds, seed }),
          retained,
          repeat: 0,
          warmUpSeconds: 5,
        };
        const measured = await say.step(`${arm.name} with ${retained} rows`, () =>
          measureArm(arm, settings, stopping),
        );
        windows.push(...measured.map((window) => ({ ...window, arm: arm.name, repeat: 0, retained })));
      }
    return { machine, takenAt, options, windows };
  });
  say.line(`\n${renderGrowth(report)}`);
  saveResult('growth', report, json);
}
