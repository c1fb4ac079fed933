import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { testKafka } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';
import { fillTopic } from './fill-topic.ts';
import type { OrderStreamOptions } from './order-stream.ts';

/**
 * Fresh topics, orders.events with these orders. They go with the stack.
 * @returns what stands before their names
 */
export async function openFilledTopics(options: OrderStreamOptions): Promise<string> {
  const topicPrefix = uniquePrefix();
  await applyTopics(testKafka(), topicCatalogue(topicPrefix), { replicationFactor: 1, log: silentLog });
  await fillTopic(`${topicPrefix}orders.events`, options);
  return topicPrefix;
}
