import type { Kafka } from './kafka-client.ts';
import { kafkaUnreachable } from './kafka-unreachable.ts';

/** Names of all topics. @throws PipelineError `kafka_unreachable` */
export async function listTopics(kafka: Kafka): Promise<ReadonlySet<string>> {
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    return new Set(await admin.listTopics());
  } catch (error) {
    throw kafkaUnreachable(error);
  } finally {
    await admin.disconnect();
  }
}
