import { defineTopic } from '../events/define-topic.ts';
import type { TopicDefinition } from '../events/define-topic.ts';
import { ordersEventsVersions } from './generated/orders-events.ts';
import type { OrdersEvents } from './generated/orders-events.ts';
import { LOCAL_PARTITIONS, schemas, TOPIC_RETENTION_MS } from './topic-settings.ts';

/** What the order service says. Key: the customer; for guests the order or return. */
export const ordersEvents: TopicDefinition<OrdersEvents> = defineTopic<OrdersEvents>({
  schemas,
  name: 'orders.events',
  partitions: LOCAL_PARTITIONS,
  retentionMs: TOPIC_RETENTION_MS,
  versions: ordersEventsVersions,
  aggregateIds: {
    OrderPlaced: 'orderId',
    OrderConfirmed: 'orderId',
    OrderRejected: 'orderId',
    OrderCancelled: 'orderId',
    ItemsReturned: 'returnId',
  },
});
