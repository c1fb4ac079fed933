import type { OrdersEvents } from '../../../src/contracts/generated/orders-events.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export interface OrderStreamOptions {
  readonly orders: number;
  readonly customers: number;
  readonly skus: number;
  readonly seed: number;
}

/** An order as the log would have it: the customer is its key, `keySeq` counts the customer's events. */
export interface StreamedOrder {
  readonly keySeq: number;
  readonly payload: OrdersEvents['OrderPlaced'] & { readonly customerId: string };
}

export const skuName = (number: number): string => `sku-${String(number).padStart(5, '0')}`;

/** Pure: the same orders for the same options and ids, two lines each, of different skus. */
export function* orderStream(
  options: OrderStreamOptions,
  source: { readonly newId: () => string; readonly placedAt: number },
): Generator<StreamedOrder> {
  const random = seededRandom(options.seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const sequences = new Map<string, number>();
  for (let sent = 0; sent < options.orders; sent += 1) {
    const customerId = `customer-${below(options.customers)}`;
    const keySeq = (sequences.get(customerId) ?? 0) + 1;
    sequences.set(customerId, keySeq);
    const first = below(options.skus);
    const second = (first + 1 + below(options.skus - 1)) % options.skus;
    const lines = [first, second].map((sku) => ({
      sku: skuName(sku),
      quantity: 1 + below(5),
      unitPriceMinor: 100 + below(9_900),
    }));
    const payload = {
      orderId: source.newId(),
      customerId,
      country: 'United Kingdom',
      currency: 'GBP',
      lines,
      totalMinor: lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0),
      placedAt: source.placedAt,
    };
    yield { keySeq, payload };
  }
}
