/**
 * The worker's own topics, made by us: left to the worker they would get whatever the broker's defaults are. As a program
 * it does so for docker compose, at KAFKA_BROKERS.
 */
import { readKafkaAccess, type KafkaAccess } from '../../src/platform/kafka/kafka-access.ts';
import { createKafka } from '../../src/platform/kafka/kafka-client.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { localEnv } from '../local-env.ts';
import { connectTopics } from './settings.ts';

export async function createConnectTopics(access: KafkaAccess, replicationFactor: number): Promise<void> {
  const kafka = createKafka({ ...access, clientId: 'stack', log: silentLog });
  await applyTopics(kafka, connectTopics, { replicationFactor, log: silentLog });
}

// Not awaited: Jest's set-up can not load a graph with a top-level await. A failure ends the process with code 1 all the same.
if (import.meta.main) {
  const env = localEnv();
  void createConnectTopics(readKafkaAccess(env), Number(env['REPLICATION_FACTOR'] ?? '1'));
}
