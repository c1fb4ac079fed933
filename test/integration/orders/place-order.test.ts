import { placeOrders } from '../../../src/orders/place-orders.ts';
import { anOrder, outboxOf, startOrdersOverHttp } from './orders-over-http.ts';
import type { OrdersOverHttp } from './orders-over-http.ts';

let orders: OrdersOverHttp;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
});
beforeEach(() => orders.empty());
afterAll(() => orders.stop());

const count = async (table: string): Promise<number> => {
  const { rows } = await orders.database.pool.query<{ count: number }>({
    text: `select count(*) from ${table}`,
  });
  return rows[0]?.count ?? -1;
};

describe('POST /orders', () => {
  test('places the order and says so in the outbox, in one transaction', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await orders.post('/orders', anOrder, { traceparent });
    expect(answer).toMatchObject({
      status: 201,
      body: { status: 'PLACED', totalMinor: 399, currency: 'GBP' },
    });
    const { orderId } = answer.body as { orderId: string };
    expect(answer.headers.get('location')).toBe(`/orders/${orderId}`);
    expect(await outboxOf(orders)).toEqual([
      { type: 'OrderPlaced', key: 'c1', keySeq: 1, aggregateId: orderId, traceparent },
    ]);
    const { rows } = await orders.database.pool.query<{ same: boolean }>({
      text: `select o.xmin::text = b.xmin::text as same from orders.orders o, pipeline.outbox b`,
    });
    expect(rows).toEqual([{ same: true }]);
  });

  test("takes a guest's order under its own id as key", async () => {
    const { customerId: _, ...guest } = anOrder;
    const { body } = await orders.post('/orders', guest);
    expect(await outboxOf(orders)).toMatchObject([{ key: (body as { orderId: string }).orderId }]);
  });

  test('numbers the events of one customer without gaps under concurrent requests', async () => {
    await Promise.all(Array.from({ length: 20 }, () => orders.post('/orders', anOrder)));
    expect((await outboxOf(orders)).map((row) => row.keySeq)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  test('writes nothing when the outbox refuses', async () => {
    const encode = (): never => {
      throw new Error('does not fit its schema');
    };
    const broken = { ...orders.context, encoder: { encode } };
    const order = { ...anOrder, currency: 'GBP', reference: null };
    await expect(placeOrders(broken, [{ order, traceparent: '' }])).rejects.toThrow('does not fit');
    expect([await count('orders.orders'), await count('pipeline.outbox')]).toEqual([0, 0]);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'k1', 'x-client-id': 'shop' };

  test('gives the same body the first answer again, byte by byte, and places nothing', async () => {
    const first = await orders.post('/orders', anOrder, key);
    const again = await orders.post('/orders', { ...anOrder, currency: 'GBP' }, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first, again].map(({ headers }) => headers.get('idempotent-replay'))).toEqual([null, 'true']);
    expect(await count('orders.orders')).toBe(1);
  });

  test('with another body, or for another operation, is refused with 422', async () => {
    await orders.post('/orders', anOrder, key);
    const answers = [
      await orders.post('/orders', { ...anOrder, country: 'France' }, key),
      await orders.post('/returns', anOrder, key),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([422, 422]);
    expect([await count('orders.orders'), await count('orders.returns')]).toEqual([1, 0]);
  });

  test('belongs to one client', async () => {
    await orders.post('/orders', anOrder, key);
    const other = await orders.post('/orders', anOrder, { ...key, 'x-client-id': 'other' });
    expect([other.status, other.headers.get('idempotent-replay')]).toEqual([201, null]);
  });

  test('makes concurrent requests wait for the first and get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => orders.post('/orders', anOrder, key)));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotent-replay') === null)).toHaveLength(1);
    expect(await count('orders.orders')).toBe(1);
  });

  test('stays free when the first request was refused', async () => {
    const unknownOrder = { ...anOrder, orderId: '0190a000-0000-7000-8000-000000000000' };
    expect((await orders.post('/returns', unknownOrder, key)).status).toBe(404);
    expect((await orders.post('/returns', anOrder, key)).status).toBe(201);
  });
});
