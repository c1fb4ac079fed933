import type { Kafka } from './kafka-client.ts';
import { kafkaUnreachable } from './kafka-unreachable.ts';
import { isUnknownTopic } from './unknown-topic.ts';

/**
 * The offset that comes next in each partition, by topic; topics that do not exist are left out.
 * @throws PipelineError `kafka_unreachable`
 */
export async function readTopicEnds(
  kafka: Kafka,
  topics: readonly string[],
): Promise<Map<string, Map<number, number>>> {
  const admin = kafka.admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    const ends = new Map<string, Map<number, number>>();
    for (const topic of topics) {
      const offsets = await admin.fetchTopicOffsets(topic).catch((error: unknown) => {
        if (isUnknownTopic(error)) return undefined;
        throw error;
      });
      if (offsets !== undefined)
        ends.set(topic, new Map(offsets.map(({ partition, high }) => [partition, Number(high)])));
    }
    return ends;
  } catch (error) {
    throw kafkaUnreachable(error);
  } finally {
    await admin.disconnect();
  }
}
