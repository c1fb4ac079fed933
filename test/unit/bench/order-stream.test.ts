import { orderStream } from '../../bench/apply/order-stream.ts';

const options = { orders: 500, customers: 20, skus: 3, seed: 7 };

function streamed(changes: Partial<typeof options> = {}) {
  let made = 0;
  const newId = (): string => `order-${(made += 1)}`;
  return [...orderStream({ ...options, ...changes }, { newId, placedAt: 0 })];
}

describe('orderStream', () => {
  test('the same orders for the same seed, others for another', () => {
    expect(streamed()).toEqual(streamed());
    expect(streamed()).not.toEqual(streamed({ seed: 8 }));
  });

  test('counts the orders of each customer without a hole', () => {
    const seen = new Map<string, number>();
    for (const { keySeq, payload } of streamed()) {
      expect(keySeq).toBe((seen.get(payload.customerId) ?? 0) + 1);
      seen.set(payload.customerId, keySeq);
    }
    expect(seen.size).toBe(20);
  });

  test('two lines of two skus each, and their sum', () => {
    for (const { payload } of streamed()) {
      expect(new Set(payload.lines.map(({ sku }) => sku)).size).toBe(2);
      const sum = payload.lines.reduce((total, line) => total + line.quantity * line.unitPriceMinor, 0);
      expect(payload.totalMinor).toBe(sum);
    }
  });
});
