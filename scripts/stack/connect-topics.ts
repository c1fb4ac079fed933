import { createKafka } from '../../src/platform/kafka/kafka-client.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { connectTopics } from './settings.ts';

/** The worker's own topics, made by us: left to the worker they would get whatever the broker's defaults are. */
export async function createConnectTopics(env: Record<string, string>): Promise<void> {
  const kafka = createKafka({
    brokers: [`127.0.0.1:${env['KAFKA_PORT'] ?? ''}`],
    clientId: 'stack',
    log: silentLog,
  });
  await applyTopics(kafka, connectTopics, {
    replicationFactor: Number(env['REPLICATION_FACTOR'] ?? '1'),
    log: silentLog,
  });
}
