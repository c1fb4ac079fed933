import type { TopicDefinition } from '../events/define-topic.ts';
import type { TopicSpec } from '../platform/kafka/topic-admin.ts';
import { inventoryEvents } from './inventory-events.ts';
import { inventoryEventsOrdersParked } from './inventory-events-orders-parked.ts';
import { ordersEvents } from './orders-events.ts';
import { ordersEventsInventoryParked } from './orders-events-inventory-parked.ts';
import { probeEvents } from './probe-events.ts';

/** Every topic whose events are applied by somebody, for whoever needs all of them. So probes and announcements are not among them. */
export const eventTopics = [ordersEvents, inventoryEvents] as const;

/** Where consumers say which keys they hold back. */
const parkedTopics = [ordersEventsInventoryParked, inventoryEventsOrdersParked] as const;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * All topics of the pipeline, the only place that declares them: neither broker nor Connect creates any.
 * @param topicPrefix stands before every name, for several environments on one cluster
 */
export function topicCatalogue(topicPrefix: string): TopicSpec[] {
  const topics = [
    ...eventTopics.map(eventTopic),
    ...parkedTopics.map(eventTopic),
    probeTopic(),
    // Debezium names its heartbeat topics itself: <topic.heartbeat.prefix>.<the connector's topic.prefix>.
    { name: '__debezium-heartbeat.orders', partitions: 1, config: retention(DAY_MS) },
    { name: '__debezium-heartbeat.inventory', partitions: 1, config: retention(DAY_MS) },
  ];
  return topics.map((topic) => ({ ...topic, name: topicPrefix + topic.name }));
}

/** With the broker's own time on each record, not its producer's: one of the moments at which a probe is timed. */
function probeTopic(): TopicSpec {
  const topic = eventTopic(probeEvents);
  return { ...topic, config: { ...topic.config, 'message.timestamp.type': 'LogAppendTime' } };
}

function eventTopic(topic: TopicDefinition<object>): TopicSpec {
  return { name: topic.name, partitions: topic.partitions, config: retention(topic.retentionMs) };
}

const retention = (ms: number): Record<string, string> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(ms),
});
