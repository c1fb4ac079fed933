import { defineTopic } from '../events/define-topic.ts';
import type { TopicDefinition } from '../events/define-topic.ts';
import { inventoryEventsOrdersParkedVersions } from './generated/inventory-events-orders-parked.ts';
import type { InventoryEventsOrdersParked } from './generated/inventory-events-orders-parked.ts';
import { schemas, TOPIC_RETENTION_MS } from './topic-settings.ts';

/** Where the order service announces which keys of inventory.events it holds back. Key: the key held. */
export const inventoryEventsOrdersParked: TopicDefinition<InventoryEventsOrdersParked> =
  defineTopic<InventoryEventsOrdersParked>({
    schemas,
    name: 'inventory.events.orders.parked',
    partitions: 1,
    retentionMs: TOPIC_RETENTION_MS,
    versions: inventoryEventsOrdersParkedVersions,
  });
