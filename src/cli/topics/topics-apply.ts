import Table from 'cli-table3';
import { Command } from 'commander';
import { topicCatalogue } from '../../contracts/catalogue.ts';
import { createKafka } from '../../platform/kafka/kafka-client.ts';
import { applyTopics } from '../../platform/kafka/topic-admin.ts';
import type { CommandContext } from '../run-command.ts';

interface Options {
  readonly json?: true;
}

/** `outbox topics apply` */
export function topicsApplyCommand(context: CommandContext): Command {
  return new Command('apply')
    .description(
      'create missing topics and set their declared settings; never deletes, never changes partitions',
    )
    .option('--json', 'print one JSON document')
    .action((options: Options) => topicsApply(context, options));
}

async function topicsApply({ env, log }: CommandContext, options: Options): Promise<void> {
  const kafka = createKafka({
    brokers: (env['KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'outbox-topics-apply',
    log,
  });
  const results = await applyTopics(kafka, topicCatalogue(env['TOPIC_PREFIX'] ?? ''), {
    replicationFactor: Number(env['REPLICATION_FACTOR'] ?? 1),
    log,
  });
  if (options.json === true) {
    console.log(JSON.stringify(results));
    return;
  }
  const table = new Table({ head: ['topic', 'done'], style: { head: [], border: [] } });
  for (const result of results) table.push([result.name, result.done]);
  console.log(table.toString());
}
