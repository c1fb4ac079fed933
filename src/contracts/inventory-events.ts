import { defineTopic } from '../events/define-topic.ts';
import type { TopicDefinition } from '../events/define-topic.ts';
import { inventoryEventsVersions } from './generated/inventory-events.ts';
import type { InventoryEvents } from './generated/inventory-events.ts';
import { LOCAL_PARTITIONS, schemas, TOPIC_RETENTION_MS } from './topic-settings.ts';

/** What the inventory answers. Key: that of the event answered; the sku for adjustments by hand. */
export const inventoryEvents: TopicDefinition<InventoryEvents> = defineTopic<InventoryEvents>({
  schemas,
  name: 'inventory.events',
  partitions: LOCAL_PARTITIONS,
  retentionMs: TOPIC_RETENTION_MS,
  versions: inventoryEventsVersions,
  aggregateIds: {
    StockReserved: 'orderId',
    StockRejected: 'orderId',
    StockReleased: 'orderId',
    StockRestocked: 'returnId',
  },
});
