import type { PlaceOrder } from '../../src/orders/place-orders.ts';
import { traceparentOf } from '../../src/platform/tracing/traceparent.ts';
import { orderStream } from './apply/order-stream.ts';

const MANY = { orders: Number.MAX_SAFE_INTEGER, customers: 30_000, skus: 1_000 };

/** Orders of two lines for placeOrders, the same for the same seed. */
export function* endlessOrders(seed: number): Generator<PlaceOrder, never> {
  for (const { payload } of orderStream({ ...MANY, seed }, { newId: () => '', placedAt: 0 })) {
    const { customerId, country, currency, lines } = payload;
    yield {
      order: { customerId, country, currency, lines, reference: null },
      traceparent: traceparentOf(undefined),
    };
  }
  throw new Error('Nobody lives to see this.');
}
