import { actionRoutes, type Actions } from '../../../src/dashboard/http/action-routes.ts';

const nobody = {} as Actions;
const taken = (path: string, part: 'params' | 'body', value: unknown): boolean | undefined =>
  actionRoutes(nobody)
    .find((route) => route.path === path)
    ?.[part]?.safeParse(value).success;

const held = { consumer: 'inventory', topic: 'orders.events', key: 'ada' };
const order = {
  customerId: 'ada',
  country: 'France',
  lines: [{ sku: 'lamp', quantity: 1, unitPriceMinor: 5 }],
};

test('what Postgres can not keep as text is refused at the door', () => {
  expect(taken('/api/held/redrive', 'body', held)).toBe(true);
  expect(taken('/api/orders', 'body', order)).toBe(true);
  for (const bad of ['a\0b', 'a\ud800']) {
    for (const field of ['consumer', 'topic', 'key', 'reason'])
      expect([field, taken('/api/held/redrive', 'body', { ...held, [field]: bad })]).toEqual([field, false]);
    expect(taken('/api/held/discard', 'body', { ...held, reason: bad })).toBe(false);
    expect(taken('/api/orders', 'body', { ...order, customerId: bad })).toBe(false);
    expect(taken('/api/connectors/:name/pause', 'params', { name: bad })).toBe(false);
    expect(taken('/api/orders/:orderId/story', 'params', { orderId: bad })).toBe(false);
  }
});

test('a key that has other control characters can be let go all the same', () => {
  expect(taken('/api/held/redrive', 'body', { ...held, key: 'a\nb' })).toBe(true);
});
