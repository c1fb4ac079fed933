import { type ConsumerDefinition, defineConsumer } from '../consumer/define-consumer.ts';
import type { OrdersEvents } from '../contracts/generated/orders-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { type DaySales, daySales, sumByDay } from './day-sales.ts';
import { addSales } from './sql/add-sales.ts';

/** Counts sales by country and day: confirmed orders, less those cancelled later; returns apart. 'not-counted': null. */
export const salesConsumer: ConsumerDefinition<OrdersEvents, DaySales | null> = defineConsumer({
  name: 'sales',
  topic: ordersEvents,
  schema: 'sales',
  handlers: {
    OrderConfirmed: ({ payload }) => daySales(payload, payload.placedAt, 'sold', 1),
    // Takes back what OrderConfirmed counted, on the same day. Of one key, so it never comes first.
    OrderCancelled: ({ payload }) =>
      payload.previousStatus === 'CONFIRMED' ? daySales(payload, payload.placedAt, 'sold', -1) : null,
    ItemsReturned: ({ payload }) => daySales(payload, payload.returnedAt, 'returned', 1),
    OrderPlaced: 'ignore',
    OrderRejected: 'ignore',
  },
  apply: async (tx, effects) => {
    await addSales(tx, sumByDay(effects.flatMap(({ change }) => change ?? [])));
    return effects.map(({ change }) => (change === null ? 'not-counted' : 'counted'));
  },
});
