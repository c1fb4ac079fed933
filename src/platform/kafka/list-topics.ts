import { describeError, PipelineError } from '../errors.ts';
import type { Kafka } from './kafka-client.ts';

/** Names of all topics. @throws PipelineError `kafka_unreachable` */
export async function listTopics(kafka: Kafka): Promise<ReadonlySet<string>> {
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    return new Set(await admin.listTopics());
  } catch (error) {
    throw new PipelineError('kafka_unreachable', `Kafka did not answer: ${describeError(error)}.`, {
      remedy: 'Start it (npm run stack -- up kafka) or set KAFKA_BROKERS.',
      cause: error,
    });
  } finally {
    await admin.disconnect();
  }
}
