import {
  type ConsumerDefinition,
  type ConsumerReading,
  defineConsumer,
} from '../consumer/define-consumer.ts';
import type { OrdersEvents } from '../contracts/generated/orders-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { ordersEventsInventoryParked } from '../contracts/orders-events-inventory-parked.ts';
import type { Encoder } from '../events/encoder.ts';
import { applyStock } from './apply-stock.ts';
import type { StockChange } from './decide-stock.ts';

/** What the orders' events ask of the stock. */
export const inventoryReading: ConsumerReading<OrdersEvents, StockChange> = {
  name: 'inventory',
  topic: ordersEvents,
  schema: 'inventory',
  handlers: {
    OrderPlaced: ({ payload: { orderId, lines } }) => ({ kind: 'reserve', orderId, lines }),
    OrderCancelled: ({ payload: { orderId } }) => ({ kind: 'release', orderId }),
    ItemsReturned: ({ payload: { returnId, lines } }) => ({ kind: 'restock', returnId, lines }),
    OrderConfirmed: 'ignore',
    OrderRejected: 'ignore',
  },
};

/** Reserves, releases and restocks what the orders' events ask for, and answers on inventory.events through the outbox. */
export function createInventoryConsumer(encoder: Encoder): ConsumerDefinition<OrdersEvents, StockChange> {
  return defineConsumer<OrdersEvents, StockChange>({
    ...inventoryReading,
    announcing: { encoder, events: ordersEventsInventoryParked.events },
    // The order was decided or cancelled before: somebody may ask why nothing was reserved.
    loggedOutcomes: new Set(['already-decided', 'cancelled-first']),
    apply: (tx, effects, context) => applyStock(tx, encoder, effects, context),
  });
}
