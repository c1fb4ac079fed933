import { type ConsumerDefinition, defineConsumer } from '../consumer/define-consumer.ts';
import type { OrdersEvents } from '../contracts/generated/orders-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { ordersEventsInventoryParked } from '../contracts/orders-events-inventory-parked.ts';
import type { Encoder } from '../events/encoder.ts';
import { applyStock } from './apply-stock.ts';
import type { StockChange } from './decide-stock.ts';

/** Reserves, releases and restocks what the orders' events ask for, and answers on inventory.events through the outbox. */
export function createInventoryConsumer(encoder: Encoder): ConsumerDefinition<OrdersEvents, StockChange> {
  return defineConsumer<OrdersEvents, StockChange>({
    name: 'inventory',
    topic: ordersEvents,
    schema: 'inventory',
    announcing: { encoder, events: ordersEventsInventoryParked.events },
    handlers: {
      OrderPlaced: ({ payload: { orderId, lines } }) => ({ kind: 'reserve', orderId, lines }),
      OrderCancelled: ({ payload: { orderId } }) => ({ kind: 'release', orderId }),
      ItemsReturned: ({ payload: { returnId, lines } }) => ({ kind: 'restock', returnId, lines }),
      OrderConfirmed: 'ignore',
      OrderRejected: 'ignore',
    },
    apply: (tx, effects, context) => applyStock(tx, encoder, effects, context),
  });
}
