import { seededRandom } from '../../support/seeded-random.ts';
import { orderStream } from '../apply/order-stream.ts';
import { arrivals } from './arrivals.ts';
import type { PlannedOrder } from './open-loop.ts';

export interface Traffic {
  readonly rate: number;
  readonly seconds: number;
  readonly customers: number;
  readonly skus: number;
  readonly seed: number;
  /** As in orderStream. */
  readonly lines?: number;
  readonly skuCharacters?: number;
  /** Orders that all come at one moment, in the middle of the window, on top of the rate. */
  readonly burst?: number;
}

/** Pure: what is sent and when, the same for the same traffic. */
export function planOrders(traffic: Traffic): PlannedOrder[] {
  const moments = [
    ...arrivals(traffic.rate, traffic.seconds, seededRandom(traffic.seed + 1)),
    ...Array.from({ length: traffic.burst ?? 0 }, () => traffic.seconds * 500),
  ].toSorted((a, b) => a - b);
  const orders = orderStream({ ...traffic, orders: moments.length }, { newId: () => '', placedAt: 0 });
  return [...orders].map(({ payload: { customerId, country, currency, lines } }, i) => ({
    at: moments[i] ?? 0,
    body: JSON.stringify({ customerId, country, currency, lines }),
  }));
}
