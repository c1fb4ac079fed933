import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { createSay } from '../../../scripts/demo/say.ts';
import { withBenchStack } from '../bench-stack.ts';
import { repeatRuns } from '../repeat-runs.ts';
import { applyOptions } from './apply-options.ts';
import type { ApplyOptions } from './apply-options.ts';
import { measureRun } from './measure-run.ts';
import { openFilledTopics } from './open-filled-topics.ts';
import { renderReport } from './render-report.ts';
import { summarise } from './summarise.ts';

/** The arm `apply`: how fast the inventory applies orders that wait in the topic. */
export function applyCommand(): Command {
  const command = new Command('apply').description(
    'Fills orders.events with orders of two lines in Avro, then starts the inventory service and times from its first commit until ' +
      'all are applied: position, dedupe, key order, stock, reservations and an answer for each in the outbox.',
  );
  for (const option of applyOptions) command.addOption(option);
  return command.action((options: ApplyOptions) => apply(options));
}

async function apply(options: ApplyOptions): Promise<void> {
  const say = createSay(process.stdout);
  const report = await withBenchStack(say, async (machine, stopping) => {
    const topicPrefix = await say.step(`${options.orders} orders in the topic`, () =>
      openFilledTopics(options),
    );
    const runs = await repeatRuns(
      options.repeats,
      say,
      () => measureRun(topicPrefix, options, stopping),
      (run) => `${Math.round(run.ordersPerSecond)} orders/s`,
    );
    return { machine, options, runs, summary: summarise(runs) };
  });
  say.line(`\n${renderReport(report)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}
