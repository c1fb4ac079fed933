import fc from 'fast-check';
import { canBecome, isSettled, orderStatuses } from '../../../src/orders/order-status.ts';
import type { OrderStatus } from '../../../src/orders/order-status.ts';

const allowed = ['PLACED>CONFIRMED', 'PLACED>REJECTED', 'PLACED>CANCELLED', 'CONFIRMED>CANCELLED'];
const status = fc.constantFrom(...orderStatuses);

describe('the transition table', () => {
  test('allows these four transitions and no other', () => {
    const found = orderStatuses.flatMap((from) =>
      orderStatuses.filter((to) => canBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(found).toEqual(allowed);
  });

  test('whatever is asked in whatever order, a final status is never left and PLACED never comes back', () => {
    fc.assert(
      fc.property(fc.array(status), (wishes) => {
        const history: OrderStatus[] = ['PLACED'];
        for (const wish of wishes) {
          const now = history.at(-1) ?? 'PLACED';
          if (canBecome(now, wish)) history.push(wish);
        }
        expect(history.lastIndexOf('PLACED')).toBe(0);
        const final = history.findIndex((one) => one === 'REJECTED' || one === 'CANCELLED');
        expect(final === -1 || final === history.length - 1).toBe(true);
        expect(history.length).toBeLessThanOrEqual(3);
      }),
    );
  });

  test('an order is settled in every status but PLACED', () => {
    expect(orderStatuses.filter(isSettled)).toEqual(['CONFIRMED', 'REJECTED', 'CANCELLED']);
  });
});
