import { defineConsumer } from '../../src/consumer/define-consumer.ts';
import { runConsumer, type RunningConsumer } from '../../src/consumer/run-consumer.ts';
import type { OrdersEvents } from '../../src/contracts/generated/orders-events.ts';
import { inventoryEvents } from '../../src/contracts/inventory-events.ts';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import { createDecoder } from '../../src/events/decoder.ts';
import { createEncoder } from '../../src/events/encoder.ts';
import { writerSchemasFrom } from '../../src/events/registry.ts';
import type { StockChange } from '../../src/inventory/decide-stock.ts';
import { createInventoryConsumer } from '../../src/inventory/inventory-consumer.ts';
import { loadEventSchemas } from '../../src/outbox/load-event-schemas.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { TestPipeline } from './test-pipeline.ts';
import { stackValue, testKafka } from './test-stack.ts';

/**
 * The inventory's consumer with a mistake in a handler: of each line it reserves one piece, whatever was ordered. It answers as the
 * real one does.
 */
export async function runBuggyInventory(pipeline: TestPipeline): Promise<RunningConsumer> {
  const { pool } = pipeline.databases.inventory;
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(inventoryEvents.events)));
  const right = createInventoryConsumer(encoder);
  return runConsumer({
    consumer: defineConsumer<OrdersEvents, StockChange>({
      ...right,
      handlers: {
        ...right.handlers,
        OrderPlaced: ({ payload: { orderId, lines } }) => ({
          kind: 'reserve',
          orderId,
          lines: lines.map(({ sku }) => ({ sku, quantity: 1 })),
        }),
      },
    }),
    kafka: testKafka(),
    pool,
    decoder: createDecoder({
      events: ordersEvents.events,
      writerSchema: writerSchemasFrom(stackValue('REGISTRY_URL')),
    }),
    log: silentLog,
    clock: systemClock,
    topicPrefix: pipeline.topicPrefix,
  });
}
