import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { lockOrders } from '../../../src/orders/sql/lock-orders.ts';
import { anOrder, outboxOf, startOrdersOverHttp } from './orders-over-http.ts';
import type { OrdersOverHttp } from './orders-over-http.ts';
import { effectOf, settle } from './settle.ts';

let orders: OrdersOverHttp;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
});
beforeEach(() => orders.empty());
afterAll(() => orders.stop());

const unknownId = '0190a000-0000-7000-8000-000000000000';
const shortage = { sku: 'A', requested: 2, available: 1, reason: 'OUT_OF_STOCK' } as const;

async function place(body: object = anOrder): Promise<string> {
  return ((await orders.post('/orders', body)).body as { orderId: string }).orderId;
}
const read = async (orderId: string): Promise<unknown> => (await orders.get(`/orders/${orderId}`)).body;

describe("the inventory's answers", () => {
  test('confirm and reject a batch of orders, and say so under the key and trace of their cause', async () => {
    const [a, b] = [await place(), await place()];
    const outcomes = await settle(
      orders,
      effectOf({ status: 'CONFIRMED', orderId: a }),
      effectOf({ status: 'REJECTED', orderId: b, reasons: [shortage] }),
      effectOf({ status: 'CONFIRMED', orderId: unknownId }),
      effectOf({ status: 'REJECTED', orderId: a, reasons: [shortage] }),
    );
    expect(outcomes).toEqual(['confirmed', 'rejected', 'unknown-order', 'already-confirmed']);
    expect(await read(a)).toMatchObject({
      status: 'CONFIRMED',
      rejection: null,
      settledAt: expect.any(String) as string,
    });
    expect(await read(b)).toMatchObject({ status: 'REJECTED', rejection: [shortage] });
    expect(
      (await outboxOf(orders)).map(({ type, key, keySeq, aggregateId }) => [type, key, keySeq, aggregateId]),
    ).toEqual([
      ['OrderPlaced', 'c1', 1, a],
      ['OrderPlaced', 'c1', 2, b],
      ['OrderConfirmed', 'c1', 3, a],
      ['OrderRejected', 'c1', 4, b],
    ]);
  });

  test('change nothing and say nothing when the order is cancelled already', async () => {
    const orderId = await place();
    await orders.post(`/orders/${orderId}/cancel`);
    expect(await settle(orders, effectOf({ status: 'CONFIRMED', orderId }))).toEqual(['already-cancelled']);
    expect(await read(orderId)).toMatchObject({ status: 'CANCELLED' });
    expect((await outboxOf(orders)).map((row) => row.type)).toEqual(['OrderPlaced', 'OrderCancelled']);
  });

  test('and a cancellation at the same moment come one after the other, and the events say in which order', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, i) => place({ ...anOrder, customerId: `c${i}` })),
    );
    await Promise.all([
      settle(orders, ...ids.map((orderId, i) => effectOf({ status: 'CONFIRMED', orderId }, `c${i}`))),
      ...ids.map((orderId) => orders.post(`/orders/${orderId}/cancel`)),
    ]);
    const rows = await outboxOf(orders);
    for (const orderId of ids) {
      const types = rows.filter((row) => row.aggregateId === orderId).map((row) => row.type);
      expect([
        ['OrderPlaced', 'OrderConfirmed', 'OrderCancelled'],
        ['OrderPlaced', 'OrderCancelled'],
      ]).toContainEqual(types);
      expect(await read(orderId)).toMatchObject({ status: 'CANCELLED' });
    }
  });
});

describe('POST /orders/:orderId/cancel', () => {
  test('cancels once; again it gives the same answer and says nothing more', async () => {
    const orderId = await place();
    const first = await orders.post(`/orders/${orderId}/cancel`, { reason: 'changed my mind' });
    expect(first).toMatchObject({
      status: 200,
      body: { orderId, status: 'CANCELLED', reason: 'changed my mind' },
    });
    const again = await orders.post(`/orders/${orderId}/cancel`, { reason: 'other' });
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect((await outboxOf(orders)).map((row) => row.type)).toEqual(['OrderPlaced', 'OrderCancelled']);
  });

  test('cancels a confirmed order, keeping when it was settled', async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    const { settledAt } = (await read(orderId)) as { settledAt: string };
    expect((await orders.post(`/orders/${orderId}/cancel`)).status).toBe(200);
    expect(await read(orderId)).toMatchObject({ status: 'CANCELLED', settledAt });
  });

  test('refuses a rejected order with 409 and its status', async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'REJECTED', orderId, reasons: [shortage] }));
    expect(await orders.post(`/orders/${orderId}/cancel`)).toMatchObject({
      status: 409,
      body: { orderStatus: 'REJECTED' },
    });
  });

  test('replays its answer for an Idempotency-Key and refuses the key for another order', async () => {
    const [a, b] = [await place(), await place()];
    const key = { 'idempotency-key': 'k' };
    const first = await orders.post(`/orders/${a}/cancel`, undefined, key);
    const again = await orders.post(`/orders/${a}/cancel`, {}, key);
    expect([again.text, again.headers.get('idempotent-replay')]).toEqual([first.text, 'true']);
    expect((await orders.post(`/orders/${b}/cancel`, undefined, key)).status).toBe(422);
    expect(await read(b)).toMatchObject({ status: 'PLACED' });
  });

  test('knows no order that is not there', async () => {
    expect((await orders.post(`/orders/${unknownId}/cancel`)).status).toBe(404);
    expect((await orders.post('/orders/nope/cancel')).status).toBe(400);
  });
});

describe('POST /returns', () => {
  test("takes goods back under the order's customer", async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    const { customerId: _, ...goods } = anOrder;
    const answer = await orders.post('/returns', { ...goods, orderId });
    expect(answer).toMatchObject({ status: 201, body: { orderId, totalMinor: 399 } });
    expect((await outboxOf(orders)).at(-1)).toMatchObject({ type: 'ItemsReturned', key: 'c1', keySeq: 3 });
  });

  test('takes goods back without an order; a guest has the return as key', async () => {
    const { customerId: _, ...goods } = anOrder;
    const { returnId } = (await orders.post('/returns', goods)).body as { returnId: string };
    expect(await outboxOf(orders)).toMatchObject([
      { type: 'ItemsReturned', key: returnId, aggregateId: returnId },
    ]);
  });

  test("refuses an order that is not there, not this customer's, or not confirmed", async () => {
    const orderId = await place();
    const answers = [
      await orders.post('/returns', { ...anOrder, orderId: unknownId }),
      await orders.post('/returns', { ...anOrder, orderId, customerId: 'c2' }),
      await orders.post('/returns', { ...anOrder, orderId }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 409]);
    expect(await outboxOf(orders)).toHaveLength(1);
  });

  test('refuses more than was ordered and has not come back, and another currency', async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    const dollars = await orders.post('/returns', { ...anOrder, currency: 'USD', orderId });
    expect(dollars.status).toBe(409);
    expect((await orders.post('/returns', { ...anOrder, orderId })).status).toBe(201);
    const again = await orders.post('/returns', { ...anOrder, orderId });
    expect(again.status).toBe(409);
    expect(again.text).toContain('can still come back');
  });

  test('makes the order one that can not be cancelled: its stock would come back twice', async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    await orders.post('/returns', { ...anOrder, orderId });
    expect(await orders.post(`/orders/${orderId}/cancel`)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem:order-has-returns' },
    });
  });

  test('gives its answer again to the same request', async () => {
    const orderId = await place();
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    const key = { 'idempotency-key': 'r1' };
    const first = await orders.post('/returns', { ...anOrder, orderId }, key);
    const again = await orders.post('/returns', { ...anOrder, orderId }, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });
});

describe('GET /orders/:orderId', () => {
  test('with waitFor=settled answers when the order is settled, by this process or another', async () => {
    const orderId = await place();
    const waiting = orders.get(`/orders/${orderId}?waitFor=settled&timeoutMs=30000`);
    await settle(orders, effectOf({ status: 'CONFIRMED', orderId }));
    expect((await waiting).body).toMatchObject({ status: 'CONFIRMED' });
    expect((await orders.get(`/orders/${orderId}?waitFor=settled`)).body).toMatchObject({
      status: 'CONFIRMED',
    });
  });

  test('answers what it is when the time is over', async () => {
    const orderId = await place();
    expect((await orders.get(`/orders/${orderId}?waitFor=settled&timeoutMs=0`)).body).toMatchObject({
      status: 'PLACED',
    });
  });

  test('refuses a wait that is too long and an id that is none; knows no order that is not there', async () => {
    const statuses = await Promise.all(
      [`/orders/${unknownId}?waitFor=settled&timeoutMs=30001`, '/orders/nope', `/orders/${unknownId}`].map(
        async (path) => (await orders.get(path)).status,
      ),
    );
    expect(statuses).toEqual([400, 400, 404]);
  });

  test('a long wait does not hold up the end of the service', async () => {
    const other = await startOrdersOverHttp();
    const { body } = await other.post('/orders', anOrder);
    const waiting = other.get(
      `/orders/${(body as { orderId: string }).orderId}?waitFor=settled&timeoutMs=30000`,
    );
    await other.get('/healthz');
    const begun = Date.now();
    await Promise.all([waiting.catch(() => undefined), other.stop()]);
    expect(Date.now() - begun).toBeLessThan(4_000);
  });
});

test('GET /orders pages through the newest first, of one customer or of all', async () => {
  const ids: string[] = [];
  for (const customerId of ['a', 'b', 'a', 'a']) ids.unshift(await place({ ...anOrder, customerId }));
  const page = async (query: string): Promise<{ ids: string[]; next: string | null }> => {
    const { body } = await orders.get(`/orders?${query}`);
    const { orders: found, next } = body as { orders: { orderId: string }[]; next: string | null };
    return { ids: found.map((order) => order.orderId), next };
  };
  expect(await page('')).toEqual({ ids, next: null });
  const ofA = [ids[0], ids[1], ids[3]];
  expect(await page('customerId=a')).toEqual({ ids: ofA, next: null });
  expect(await page('customerId=a&limit=2')).toEqual({ ids: ofA.slice(0, 2), next: ofA[1] });
  expect(await page(`customerId=a&limit=2&before=${ofA[1] ?? ''}`)).toEqual({ ids: [ofA[2]], next: null });
});

test('orders are locked in the order of their ids, whatever the order asked for', async () => {
  const ids = [await place(), await place(), await place()];
  const locked = await inTransaction(orders.context.pool, (tx) => lockOrders(tx, ids.toReversed()), {
    searchPath: ['orders'],
  });
  expect(locked.map((order) => order.orderId)).toEqual(ids.toSorted());
});
