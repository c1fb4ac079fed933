import { openClusterLook } from '../../platform/kafka/cluster-look.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';

/** Which of these consumers have an instance in their group; none where Kafka does not say. */
export async function readRunning(
  { kafka, topicPrefix }: Pick<OperatedPipeline, 'kafka' | 'topicPrefix'>,
  consumers: readonly string[],
): Promise<Map<string, boolean>> {
  if (consumers.length === 0) return new Map();
  const cluster = openClusterLook(kafka);
  try {
    const groups = await cluster.groups(consumers.map((consumer) => topicPrefix + consumer));
    return new Map(consumers.map((consumer, index) => [consumer, (groups[index]?.members.length ?? 0) > 0]));
  } catch {
    // Then the story says where the consumer is, and not why.
    return new Map();
  } finally {
    await cluster.close();
  }
}
