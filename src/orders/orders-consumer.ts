import { type ConsumerDefinition, defineConsumer } from '../consumer/define-consumer.ts';
import type { InventoryEvents } from '../contracts/generated/inventory-events.ts';
import { inventoryEvents } from '../contracts/inventory-events.ts';
import { inventoryEventsOrdersParked } from '../contracts/inventory-events-orders-parked.ts';
import type { Encoder } from '../events/encoder.ts';
import { ordersSchema } from './orders-context.ts';
import { type Settlement, settleOrders } from './settle-orders.ts';

/** Takes the inventory's answers into the orders and says so to the world. */
export function ordersConsumer(encoder: Encoder): ConsumerDefinition<InventoryEvents, Settlement> {
  return defineConsumer<InventoryEvents, Settlement>({
    name: 'orders',
    topic: inventoryEvents,
    schema: ordersSchema,
    announcing: { encoder, events: inventoryEventsOrdersParked.events },
    handlers: {
      StockReserved: ({ payload }) => ({ status: 'CONFIRMED', orderId: payload.orderId }),
      StockRejected: ({ payload }) => ({
        status: 'REJECTED',
        orderId: payload.orderId,
        reasons: payload.shortages,
      }),
      // Nothing of an order hangs on these.
      StockReleased: 'ignore',
      StockRestocked: 'ignore',
      StockAdjusted: 'ignore',
    },
    apply: (tx, effects, context) => settleOrders(tx, encoder, effects, context),
  });
}
