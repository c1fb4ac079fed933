import { type ConsumerDefinition, defineConsumer } from '../consumer/define-consumer.ts';
import type { InventoryEvents } from '../contracts/generated/inventory-events.ts';
import { inventoryEvents } from '../contracts/inventory-events.ts';
import { inventoryEventsOrdersParked } from '../contracts/inventory-events-orders-parked.ts';
import type { Encoder } from '../events/encoder.ts';
import { ordersSchema } from './orders-context.ts';
import { type Settlement, settleOrders, type SettlementOutcome } from './settle-orders.ts';

/** The order was settled or cancelled before, or is not there: nothing is changed, and somebody may ask why. */
const CAME_TOO_LATE: ReadonlySet<SettlementOutcome> = new Set([
  'unknown-order',
  'already-confirmed',
  'already-rejected',
  'already-cancelled',
] as const);

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
    loggedOutcomes: CAME_TOO_LATE,
    apply: (tx, effects, context) => settleOrders(tx, encoder, effects, context),
  });
}
