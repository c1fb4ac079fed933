import { deflateSync } from 'node:zlib';
import { orderStream, skuName } from '../../bench/apply/order-stream.ts';
import type { OrderStreamOptions } from '../../bench/apply/order-stream.ts';

const options = { orders: 500, customers: 20, skus: 3, seed: 7 };

function streamed(changes: Partial<OrderStreamOptions> = {}) {
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

  test('long names: the same for the same number, three bytes a character, and none like another', () => {
    const names = Array.from({ length: 100 }, (_, number) => skuName(number, 64));
    expect(names).toEqual(Array.from({ length: 100 }, (_, number) => skuName(number, 64)));
    for (const name of names) expect(Buffer.byteLength(name)).toBe(9 + 3 * 55);
    const text = Buffer.from(names.map((name) => name.slice(9)).join(''));
    // Bits of 20,000 characters in three bytes, at best.
    expect(deflateSync(text).length / text.length).toBeGreaterThan(0.55);
    expect(skuName(7)).toBe('sku-00007');
  });

  test('as many lines as asked for, of different skus with names as long as asked for', () => {
    for (const lines of [1, 3, 100]) {
      for (const { payload } of streamed({ orders: 20, lines, skus: 100, skuCharacters: 64 })) {
        expect(new Set(payload.lines.map(({ sku }) => sku)).size).toBe(lines);
        for (const { sku } of payload.lines) expect(sku).toHaveLength(64);
      }
    }
    expect(() => streamed({ lines: 4 })).toThrow('3 skus are too few for 4 lines.');
  });
});
