import { orderBody, orderBodyLimitBytes } from '../../../src/orders/http/order-schemas.ts';
import { planOrders } from '../../bench/compare/plan-orders.ts';
import { percentilesOf } from '../../bench/percentiles.ts';
import { loadShapes, shapeList } from '../../bench/shapes/load-shapes.ts';
import { SKUS } from '../../bench/shapes/measure-shape.ts';
import { payloadBytes } from '../../bench/shapes/payload-bytes.ts';
import { renderShapes } from '../../bench/shapes/render-shapes.ts';
import type { ShapedWindow } from '../../bench/shapes/render-shapes.ts';

const machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGiB: 24,
  system: 'Linux',
  node: '24',
  postgres: '18',
  kafka: '4',
  debezium: '3',
};

describe('loadShapes', () => {
  test.each(loadShapes)('$name: POST /orders takes such an order', ({ lines, skuCharacters, customers }) => {
    const traffic = { rate: 50, seconds: 1, skus: SKUS, seed: 1, lines, skuCharacters, customers };
    for (const { body } of planOrders(traffic)) {
      expect(Buffer.byteLength(body)).toBeLessThan(orderBodyLimitBytes);
      const order = orderBody.parse(JSON.parse(body));
      expect(new Set(order.lines.map(({ sku }) => sku)).size).toBe(lines);
    }
  });

  test.each([
    ['lines-1', 100],
    ['payload-1k', 1_000],
    ['payload-10k', 10_000],
    ['payload-100k', 100_000],
  ])('%s: a payload of about %i bytes', (name, bytes) => {
    const shape = loadShapes.find((one) => one.name === name);
    if (shape === undefined) throw new Error(`There is no ${name}.`);
    const { lines, skuCharacters, customers } = shape;
    const found = payloadBytes({ orders: 50, skus: SKUS, seed: 1, lines, skuCharacters, customers });
    expect(found / bytes).toBeGreaterThan(0.95);
    expect(found / bytes).toBeLessThan(1.05);
  });
});

test('shapeList: some of them by their names; another name is refused with those that there are', () => {
  expect(shapeList('usual,lines-10')).toEqual(['usual', 'lines-10']);
  expect(() => shapeList('usual,large')).toThrow('There is no variant large. There are: usual, lines-1,');
});

describe('renderShapes', () => {
  const one = percentilesOf([12.25]);
  const windowOf = (shape: string, more: Partial<ShapedWindow> = {}): ShapedWindow => ({
    shape,
    arm: 'ours',
    lines: 2,
    payloadBytes: 114.4,
    repeat: 0,
    rate: 200,
    orders: 2_000,
    refused: 0,
    lateMs: one,
    stages: {
      answered: one,
      inKafka: one,
      applied: one,
      settled: one,
      answerToKafka: one,
      kafkaToApplied: one,
    },
    applied: 2_000,
    lost: 0,
    cpu: { postgres: 4, connect: 2, 'load generator': 9 },
    busyElsewhere: 0.1,
    walBytes: 9_000_000,
    memory: undefined,
    ...more,
  });
  const options = { rate: 200, seconds: 10, warmUpSeconds: 5, repeats: 1, seed: 1 };
  const render = (windows: readonly ShapedWindow[]): string =>
    renderShapes({ machine, takenAt: '2026-01-01T00:00:00.000Z', options, windows });

  test('latency, and what an order costs without the load generator', () => {
    const text = render([windowOf('usual', { lost: 3 })]);
    expect(text).toMatch(
      /│ usual +│ +ours │ +2 │ +114 │ +12\.3 │ +12\.3 │ +3\.00 │ +4,500 │ +0 │ +3 │ +0\.10 │/,
    );
    expect(text).toContain('usual: two lines');
    expect(text).not.toContain('lines-100: ');
  });

  test('who fell behind has neither latency nor cost', () => {
    const behind = windowOf('payload-100k', { stages: undefined, applied: 120, orders: 1_900, refused: 100 });
    expect(render([behind])).toMatch(/fell behind │ 120 of 1,900 applied │ +– │ +– │ +100 │ +0 │/);
  });

  test('shapes in the order of their list, each with its arms, repeats as one', () => {
    const text = render([
      windowOf('lines-10', { arm: 'polling-delete-500-10' }),
      windowOf('usual', { walBytes: 8_000_000 }),
      windowOf('lines-10'),
      windowOf('usual', { repeat: 1 }),
    ]);
    expect(text.match(/│ usual /g)).toHaveLength(1);
    expect(text).toContain('4,250 (4,000–4,500)');
    const rows = [...text.matchAll(/│ (usual|lines-10) +│ +(\S+) │/g)].map(
      ([, name, arm]) => `${name} ${arm}`,
    );
    expect(rows).toEqual(['usual ours', 'lines-10 polling-delete-500-10', 'lines-10 ours']);
  });
});
