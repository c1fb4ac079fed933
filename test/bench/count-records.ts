import { readTopicEnds } from '../../src/platform/kafka/read-topic-ends.ts';
import { testKafka } from '../support/test-stack.ts';

/** Records that were ever written to the topic. */
export async function countRecords(topic: string): Promise<number> {
  const ends = (await readTopicEnds(testKafka(), [topic])).get(topic);
  return [...(ends?.values() ?? [])].reduce((sum, end) => sum + end, 0);
}
