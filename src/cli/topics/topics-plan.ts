import { Command } from 'commander';
import { readTopicPlan } from '../../platform/kafka/topic-admin.ts';
import { topicHasWork } from '../../platform/kafka/topic-plan.ts';
import type { CommandContext } from '../run-command.ts';
import { topicPlanLines } from './show-topic-plan.ts';
import { topicPlace } from './topic-place.ts';

interface Options {
  readonly json?: true;
}

/** `outbox topics plan` */
export function topicsPlanCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('how the topics differ from what the catalogue declares; changes nothing')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit code 0 when all are as declared, 1 when not, 3 when Kafka can not be reached:
  TOPIC_PREFIX=staging. npx outbox topics plan`,
    )
    .action((options: Options) => topicsPlan(context, options));
}

async function topicsPlan(context: CommandContext, options: Options): Promise<void> {
  const { kafka, specs, topicPrefix, replicationFactor } = topicPlace(context);
  const { topics, undeclared } = await readTopicPlan(kafka, specs, { topicPrefix, replicationFactor });
  const isOpen = topics.some(topicHasWork);
  if (options.json === true) {
    const plan = topics.map(({ spec, ...planned }) => ({ name: spec.name, ...planned }));
    console.log(JSON.stringify({ nothingToDo: !isOpen, topics: plan, undeclared }));
  } else console.log(topicPlanLines(topics, undeclared).join('\n'));
  if (isOpen) context.answerNo();
}
