import Table from 'cli-table3';
import { topicCatalogue } from '../contracts/catalogue.ts';
import { createKafka } from '../platform/kafka/kafka-client.ts';
import { applyTopics } from '../platform/kafka/topic-admin.ts';
import type { CommandContext } from './run-command.ts';

/** `outbox topics apply` */
export async function topicsApply(context: CommandContext, options: { json?: boolean }): Promise<void> {
  const { env, log } = context;
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
