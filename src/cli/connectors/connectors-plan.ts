import { Command } from 'commander';
import { maskedValue } from '../../connect/connector-changes.ts';
import { hasWork, type ConnectorPlan } from '../../connect/connector-plan.ts';
import { planOperated } from '../../operate/change/apply-connectors.ts';
import { namedConnectors, openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { withConnectorOptions, type ConnectorOptions } from './connector-options.ts';
import { planLines, strangerLines, summaryLine } from './show-plan.ts';

/** `outbox connectors plan` */
export function connectorsPlanCommand(context: CommandContext): Command {
  return withConnectorOptions(new Command('plan'))
    .description('show what apply would change in Kafka Connect, and what is dangerous about it')
    .addHelpText(
      'after',
      `
A key at its default is the same as a key left out. Each file is tried by Connect and looked through for typos; nothing is
changed.

Example:
  npx outbox connectors plan orders-outbox

Exit codes: 0 nothing to do, 1 something to do, held back by somebody, or a file that would be refused, 2 wrong usage
(also a file that is none), 3 Kafka Connect can not be reached.`,
    )
    .action((names: string[], options: ConnectorOptions) => connectorsPlan(context, names, options));
}

async function connectorsPlan(
  context: CommandContext,
  names: readonly string[],
  options: ConnectorOptions,
): Promise<void> {
  const pipeline = await openPipeline(context, options);
  try {
    const connectors = namedConnectors(pipeline, names);
    const plans = (await planOperated(pipeline, connectors)).map(({ plan }) => plan);
    const known = pipeline.connectors.map(({ file }) => file.name);
    // Who names connectors asks about those alone.
    const strangers =
      names.length > 0 ? [] : (await pipeline.connect.names()).filter((name) => !known.includes(name));
    if (options.json === true)
      console.log(
        JSON.stringify({
          connect: pipeline.connect.url,
          work: plans.some(hasWork),
          connectors: plans.map(maskedPlan),
          inNoFile: strangers,
        }),
      );
    else
      for (const line of [...plans.flatMap(planLines), ...strangerLines(strangers), '', summaryLine(plans)])
        console.log(line);
    if (plans.some(hasWork)) context.answerNo();
  } finally {
    await pipeline.close();
  }
}

/** For JSON: whole values, but no secret. */
export function maskedPlan(plan: ConnectorPlan): ConnectorPlan {
  const masked = (key: string, value: string | undefined): string | undefined =>
    value === undefined ? undefined : maskedValue(key, value);
  return {
    ...plan,
    changes: plan.changes.map(({ key, from, to, danger }) => ({
      key,
      from: masked(key, from),
      to: masked(key, to),
      danger,
    })),
  };
}
