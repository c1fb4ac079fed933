import Table from 'cli-table3';
import { Command } from 'commander';
import { applyTopics, readTopicPlan } from '../../platform/kafka/topic-admin.ts';
import type { CommandContext } from '../run-command.ts';
import { copiesInWords } from './show-topic-plan.ts';
import { topicPlace } from './topic-place.ts';

interface Options {
  readonly json?: true;
  readonly acceptReordering?: true;
}

/** `outbox topics apply` */
export function topicsApplyCommand(context: CommandContext): Command {
  return new Command('apply')
    .description('create missing topics and set their declared settings; never deletes')
    .option('--accept-reordering', 'let topics grow, although that moves keys to other partitions')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
What others set on a topic stays. Before topics grow: pause the connectors and let every consumer read to the end.
  npx outbox topics plan; npx outbox topics apply`,
    )
    .action((options: Options) => topicsApply(context, options));
}

async function topicsApply(context: CommandContext, options: Options): Promise<void> {
  const { kafka, specs, topicPrefix, replicationFactor } = topicPlace(context);
  const results = await applyTopics(kafka, specs, {
    replicationFactor,
    log: context.log,
    acceptReordering: options.acceptReordering === true,
  });
  if (options.json === true) console.log(JSON.stringify(results));
  else {
    const table = new Table({ head: ['topic', 'done'], style: { head: [], border: [] } });
    for (const result of results) table.push([result.name, result.done]);
    console.log(table.toString());
  }
  // Copies are not moved, so the topics are still not as declared: said, and exit code 1.
  const { topics } = await readTopicPlan(kafka, specs, { topicPrefix, replicationFactor });
  for (const { spec, replicationFactor: copies } of topics) {
    if (copies === undefined) continue;
    console.error(`${spec.name}: ${copiesInWords(copies)}`);
    context.answerNo();
  }
}
