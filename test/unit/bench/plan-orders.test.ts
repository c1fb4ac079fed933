import { orderBody } from '../../../src/orders/http/order-schemas.ts';
import { planOrders } from '../../bench/compare/plan-orders.ts';

const traffic = { rate: 500, seconds: 10, customers: 50, skus: 5, seed: 3 };

describe('planOrders', () => {
  test('the same orders at the same moments for the same seed', () => {
    expect(planOrders(traffic)).toEqual(planOrders(traffic));
    expect(planOrders({ ...traffic, seed: 4 })[0]).not.toEqual(planOrders(traffic)[0]);
  });

  test('as many as the rate asks for, one after the other, within the time', () => {
    const moments = planOrders(traffic).map(({ at }) => at);
    // 5,000 on average, with a standard deviation of 71.
    expect(Math.abs(moments.length - 5_000)).toBeLessThan(4 * 71);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(moments.at(-1)).toBeLessThan(10_000);
  });

  test('they come in bunches and gaps, as customers do, not evenly', () => {
    const moments = planOrders(traffic).map(({ at }) => at);
    const gaps = moments.slice(1).map((at, i) => at - (moments[i] ?? 0));
    // Of exponential gaps 1 - 1/e are shorter than the mean of 2 ms.
    const short = gaps.filter((gap) => gap < 2).length / gaps.length;
    expect(short).toBeGreaterThan(0.6);
    expect(short).toBeLessThan(0.67);
  });

  test('a burst: so many more at one moment, in the middle', () => {
    const burst = planOrders({ ...traffic, burst: 300 });
    expect(burst).toHaveLength(planOrders(traffic).length + 300);
    expect(burst.filter(({ at }) => at === 5_000)).toHaveLength(300);
    expect(burst).toEqual(burst.toSorted((a, b) => a.at - b.at));
  });

  test('each is a body that POST /orders takes', () => {
    const [first] = planOrders(traffic);
    const body = orderBody.parse(JSON.parse(first?.body ?? ''));
    expect(body.customerId).toMatch(/^customer-\d+$/);
    expect(body.lines).toHaveLength(2);
  });
});
