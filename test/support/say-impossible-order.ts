import { v7 } from 'uuid';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import { createEncoder } from '../../src/events/encoder.ts';
import { appendEvents } from '../../src/outbox/append-events.ts';
import { loadEventSchemas } from '../../src/outbox/load-event-schemas.ts';
import { newEvent } from '../../src/outbox/outbox-event.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';

/** An order that no request would get past: its quantity can not be reserved. @returns its id */
export async function sayImpossibleOrder(pool: Pool, customerId: string): Promise<string> {
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  const orderId = v7();
  const occurredAt = new Date();
  const event = newEvent(ordersEvents.events.OrderPlaced, {
    key: customerId,
    aggregateId: orderId,
    occurredAt,
    payload: {
      orderId,
      customerId,
      country: 'France',
      currency: 'GBP',
      lines: [{ sku: 'lamp', quantity: -1, unitPriceMinor: 100 }],
      totalMinor: 100,
      placedAt: occurredAt.getTime(),
    },
  });
  await inTransaction(pool, (tx) => appendEvents(tx, encoder, [event]));
  return orderId;
}
