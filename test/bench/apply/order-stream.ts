import type { OrdersEvents } from '../../../src/contracts/generated/orders-events.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export interface OrderStreamOptions {
  readonly orders: number;
  readonly customers: number;
  readonly skus: number;
  readonly seed: number;
  /** Of each order; 2 unless given, and no more than there are skus. */
  readonly lines?: number;
  /** Length of each sku's name, as `skuName` has it. */
  readonly skuCharacters?: number;
}

/** An order as the log would have it: the customer is its key, `keySeq` counts the customer's events. */
export interface StreamedOrder {
  readonly keySeq: number;
  readonly payload: OrdersEvents['OrderPlaced'] & { readonly customerId: string };
}

/** Where characters of three bytes in UTF-8 begin (Chinese), and how many of them there are. */
const LONG_CHARACTERS = { from: 0x4e00, count: 20_000 };

/**
 * The same for the same number.
 * @param characters makes it as long as that, by characters of three bytes in UTF-8 in such an order that Postgres can't compress them
 */
export function skuName(number: number, characters = 0): string {
  const random = seededRandom(number);
  let name = `sku-${String(number).padStart(5, '0')}`;
  while (name.length < characters)
    name += String.fromCharCode(LONG_CHARACTERS.from + Math.floor(random() * LONG_CHARACTERS.count));
  return name;
}

/**
 * Pure: the same orders for the same options and ids, the lines of each of different skus.
 * @throws RangeError when there are fewer skus than lines
 */
export function* orderStream(
  options: OrderStreamOptions,
  source: { readonly newId: () => string; readonly placedAt: number },
): Generator<StreamedOrder> {
  const random = seededRandom(options.seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const { skus, lines: lineCount = 2, skuCharacters } = options;
  if (lineCount > skus) throw new RangeError(`${skus} skus are too few for ${lineCount} lines.`);
  const names = Array.from({ length: skus }, (_, number) => skuName(number, skuCharacters));
  const sequences = new Map<string, number>();
  for (let sent = 0; sent < options.orders; sent += 1) {
    const customerId = `customer-${below(options.customers)}`;
    const keySeq = (sequences.get(customerId) ?? 0) + 1;
    sequences.set(customerId, keySeq);
    const lines = differentSkus(lineCount, skus, below).map((sku) => ({
      sku: names[sku] ?? '',
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

/** Goes around the shelf in steps that together are less than one round. */
function differentSkus(count: number, skus: number, below: (limit: number) => number): number[] {
  const longestStep = Math.floor((skus - 1) / Math.max(1, count - 1));
  let sku = below(skus);
  const numbers = [sku];
  while (numbers.length < count) {
    sku = (sku + 1 + below(longestStep)) % skus;
    numbers.push(sku);
  }
  return numbers;
}
