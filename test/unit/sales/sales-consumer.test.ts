import fc from 'fast-check';
import type { ConsumedEvent } from '../../../src/consumer/define-consumer.ts';
import { sumByDay } from '../../../src/sales/day-sales.ts';
import type { DaySales } from '../../../src/sales/day-sales.ts';
import { salesConsumer } from '../../../src/sales/sales-consumer.ts';

const { OrderConfirmed, OrderCancelled, ItemsReturned } = salesConsumer.handlers;

const goods = {
  orderId: 'o1',
  customerId: null,
  country: 'France',
  currency: 'EUR',
  lines: [
    { sku: 'cup', quantity: 2, unitPriceMinor: 150 },
    { sku: 'pot', quantity: 1, unitPriceMinor: 700 },
  ],
  totalMinor: 1000,
};
const lateOn1st = Date.parse('2011-02-01T23:59:59.999Z');
const on3rd = Date.parse('2011-02-03T10:00:00Z');
const zero = { orders: 0, units: 0, revenueMinor: 0, returns: 0, returnedUnits: 0, returnedMinor: 0 };
const place = { country: 'France', currency: 'EUR' };

/** Only type and payload matter to these handlers. */
function changeOf(handler: unknown, payload: object): DaySales | null {
  return (handler as (event: ConsumedEvent) => DaySales | null)({ payload } as ConsumedEvent);
}

test('a confirmed order counts on the UTC day on which it was placed', () => {
  expect(changeOf(OrderConfirmed, { ...goods, placedAt: lateOn1st, confirmedAt: on3rd })).toEqual({
    ...zero,
    ...place,
    day: '2011-02-01',
    orders: 1,
    units: 3,
    revenueMinor: 1000,
  });
});

test('a cancelled order takes back exactly what its confirmation counted', () => {
  const confirmed = changeOf(OrderConfirmed, { ...goods, placedAt: lateOn1st, confirmedAt: on3rd });
  const cancelled = changeOf(OrderCancelled, {
    ...goods,
    placedAt: lateOn1st,
    cancelledAt: on3rd,
    previousStatus: 'CONFIRMED',
  });
  expect(sumByDay([confirmed, cancelled].flatMap((change) => change ?? []))).toEqual([
    { ...zero, ...place, day: '2011-02-01' },
  ]);
});

test('an order that was cancelled before it was confirmed was never counted', () => {
  const payload = { ...goods, placedAt: lateOn1st, cancelledAt: on3rd, previousStatus: 'PLACED' };
  expect(changeOf(OrderCancelled, payload)).toBeNull();
});

test('returns are counted apart, on the day of the return', () => {
  expect(changeOf(ItemsReturned, { ...goods, returnId: 'r1', returnedAt: on3rd })).toEqual({
    ...zero,
    ...place,
    day: '2011-02-03',
    returns: 1,
    returnedUnits: 3,
    returnedMinor: 1000,
  });
});

test('sums have one entry per country, day and currency, and lose nothing', () => {
  const number = fc.integer({ min: -1000, max: 1000 });
  const change: fc.Arbitrary<DaySales> = fc.record({
    country: fc.constantFrom('France', 'EIRE', ''),
    day: fc.constantFrom('2011-01-31', '2011-02-01'),
    currency: fc.constantFrom('GBP', 'EUR'),
    orders: number,
    units: number,
    revenueMinor: number,
    returns: number,
    returnedUnits: number,
    returnedMinor: number,
  });
  const total = (days: DaySales[]) => days.reduce((sum, { revenueMinor }) => sum + revenueMinor, 0);
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const sums = sumByDay(changes);
      expect(new Set(sums.map(({ country, day, currency }) => `${country}|${day}|${currency}`)).size).toBe(
        sums.length,
      );
      expect(total(sums)).toBe(total(changes));
    }),
  );
});
