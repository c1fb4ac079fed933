import { defineTopic } from '../events/define-topic.ts';
import type { TopicDefinition } from '../events/define-topic.ts';
import { ordersEventsInventoryParkedVersions } from './generated/orders-events-inventory-parked.ts';
import type { OrdersEventsInventoryParked } from './generated/orders-events-inventory-parked.ts';
import { schemas, TOPIC_RETENTION_MS } from './topic-settings.ts';

/** Where the inventory announces which keys of orders.events it holds back. Key: the key held. */
export const ordersEventsInventoryParked: TopicDefinition<OrdersEventsInventoryParked> =
  defineTopic<OrdersEventsInventoryParked>({
    schemas,
    name: 'orders.events.inventory.parked',
    partitions: 1,
    retentionMs: TOPIC_RETENTION_MS,
    versions: ordersEventsInventoryParkedVersions,
  });
