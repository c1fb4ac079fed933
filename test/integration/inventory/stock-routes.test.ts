import { randomUUID } from 'node:crypto';
import type { Encoder } from '../../../src/events/encoder.ts';
import { stockRoutes } from '../../../src/inventory/http/stock-routes.ts';
import { startHttpServer } from '../../../src/platform/http/http-server.ts';
import type { HttpServer } from '../../../src/platform/http/http-server.ts';
import { createHttpMetrics } from '../../../src/platform/http/metrics.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import {
  applyBatch,
  effectOf,
  emptyInventory,
  encoderOf,
  line,
  now,
  readOutbox,
  readStock,
  seed,
  traceparent,
} from './inventory-setup.ts';

let database: TestDatabase;
let encoder: Encoder;
let server: HttpServer;

beforeAll(async () => {
  database = await createTestDatabase('inventory');
  encoder = await encoderOf(database.pool);
  server = await startHttpServer({
    routes: stockRoutes({ pool: database.pool, encoder, clock: () => now }),
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    metrics: createHttpMetrics('test'),
  });
});
afterEach(() => emptyInventory(database.adminUrl));
afterAll(async () => {
  await server.close();
  await database.drop();
});

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { traceparent, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const reserve = (sku: string, quantity: number) =>
  applyBatch(database.pool, encoder, [
    effectOf({ kind: 'reserve', orderId: randomUUID(), lines: [line(sku, quantity)] }, 'ann'),
  ]);

describe('GET /stock/:sku', () => {
  test('tells what is on hand, reserved and available', async () => {
    await seed(database.pool, encoder, { 'BANK CHARGES/1': 5 });
    await reserve('BANK CHARGES/1', 2);
    expect(await call('GET', `/stock/${encodeURIComponent('BANK CHARGES/1')}`)).toEqual({
      status: 200,
      body: { sku: 'BANK CHARGES/1', onHand: 5, reserved: 2, available: 3 },
    });
  });

  test('answers 404 for a sku that was never entered', async () => {
    expect(await call('GET', '/stock/hat')).toMatchObject({
      status: 404,
      body: { type: 'urn:problem:not-found' },
    });
  });
});

describe('GET /stock', () => {
  test('gives every sku once, page by page, in the order of bytes', async () => {
    await seed(database.pool, encoder, { b: 1, B: 2, a: 3, é: 4, '1': 5 });
    const seen: string[] = [];
    let path = '/stock?limit=2';
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await call('GET', path);
      const { items, next } = body as { items: { sku: string }[]; next: string | null };
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ sku }) => sku));
      if (next === null) break;
      path = `/stock?limit=2&after=${encodeURIComponent(next)}`;
    }
    expect(seen).toEqual(['1', 'B', 'a', 'b', 'é']);
  });

  test('says that the last page is the last even when it is full, and that an empty one is empty', async () => {
    expect(await call('GET', '/stock')).toEqual({ status: 200, body: { items: [], next: null } });
    await seed(database.pool, encoder, { a: 1, b: 1 });
    expect((await call('GET', '/stock?limit=2')).body).toMatchObject({ next: null });
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'page=2', 'after=%00'])('refuses ?%s', async (query) => {
    expect((await call('GET', `/stock?${query}`)).status).toBe(400);
  });
});

describe('PUT /stock/:sku', () => {
  test('enters a sku, and says so under the sku as key', async () => {
    expect(await call('PUT', '/stock/cup', { onHand: 5, reason: 'delivery' })).toEqual({
      status: 200,
      body: { sku: 'cup', onHand: 5, reserved: 0, available: 5 },
    });
    const [said] = await readOutbox(database.pool);
    expect(said).toMatchObject({
      type: 'StockAdjusted',
      key: 'cup',
      keySeq: 1,
      aggregateId: 'cup',
      traceparent,
      payload: { sku: 'cup', onHand: 5, delta: 5, reason: 'delivery', adjustedAt: now.getTime() },
    });
  });

  test('says the difference, and nothing when nothing changes', async () => {
    await call('PUT', '/stock/cup', { onHand: 5 });
    await call('PUT', '/stock/cup', { onHand: 5 });
    await call('PUT', '/stock/cup', { onHand: 2 });
    const said = await readOutbox(database.pool);
    expect(said.map(({ payload }) => (payload as { delta: number }).delta)).toEqual([5, -3]);
  });

  test('refuses less than what is reserved and names the number; exactly that much is allowed', async () => {
    await seed(database.pool, encoder, { cup: 5 });
    await reserve('cup', 3);
    expect(await call('PUT', '/stock/cup', { onHand: 2 })).toMatchObject({
      status: 409,
      body: {
        type: 'urn:problem:stock-below-reserved',
        detail: 'cup: 2 is less than the 3 reserved for orders',
        shortfalls: [{ sku: 'cup', onHand: 2, reserved: 3 }],
      },
    });
    expect(await readStock(database.pool)).toEqual({ cup: [5, 3] });
    expect((await call('PUT', '/stock/cup', { onHand: 3 })).body).toMatchObject({ available: 0 });
  });

  test.each([
    [{ onHand: -1 }],
    [{ onHand: 1.5 }],
    [{ onHand: '5' }],
    [{}],
    [{ onHand: 5, reserved: 0 }],
    [{ onHand: 5, reason: 'a\u0000b' }],
    [{ onHand: 1_000_000_001 }],
  ])('refuses %j', async (body) => {
    expect((await call('PUT', '/stock/cup', body)).status).toBe(400);
    expect(await readStock(database.pool)).toEqual({});
  });

  test('enters a new sku once when several do so at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call('PUT', '/stock/cup', { onHand: 5 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await readOutbox(database.pool)).toHaveLength(1);
  });
});

describe('PUT /stock', () => {
  test('sets a thousand skus in one transaction, and says only what changed', async () => {
    await seed(database.pool, encoder, { 'sku 0': 7, 'sku 1': 1 });
    const counts = Array.from({ length: 1000 }, (_, i) => ({ sku: `sku ${i}`, onHand: 7 }));
    expect(await call('PUT', '/stock', counts)).toEqual({
      status: 200,
      body: { changed: 999, unchanged: 1 },
    });
    expect(Object.values(await readStock(database.pool))).toEqual(Array(1000).fill([7, 0]));
    expect(await readOutbox(database.pool)).toHaveLength(2 + 999);
    expect((await call('PUT', '/stock', counts)).body).toEqual({ changed: 0, unchanged: 1000 });
  });

  test('sets none when one is below what is reserved, and enters no sku either', async () => {
    await seed(database.pool, encoder, { cup: 5 });
    await reserve('cup', 3);
    const counts = [
      { sku: 'pot', onHand: 9 },
      { sku: 'cup', onHand: 2 },
    ];
    expect((await call('PUT', '/stock', counts)).status).toBe(409);
    expect(await readStock(database.pool)).toEqual({ cup: [5, 3] });
  });

  test('refuses a sku that stands in the list twice, an empty list and more than a thousand', async () => {
    const twice = [
      { sku: 'cup', onHand: 1 },
      { sku: 'cup', onHand: 2 },
    ];
    expect((await call('PUT', '/stock', twice)).body).toMatchObject({
      status: 400,
      errors: [{ field: '[1].sku', reason: 'cup stands in the list twice' }],
    });
    expect((await call('PUT', '/stock', [])).status).toBe(400);
    const many = Array.from({ length: 1001 }, (_, i) => ({ sku: `sku ${i}`, onHand: 7 }));
    expect((await call('PUT', '/stock', many)).status).toBe(400);
  });

  test('takes the longest list of the longest skus and reasons that it allows', async () => {
    const reason = 'r'.repeat(200);
    const counts = Array.from({ length: 1000 }, (_, i) => ({
      sku: `${i}`.padStart(64, '.'),
      onHand: 1,
      reason,
    }));
    expect((await call('PUT', '/stock', counts)).status).toBe(200);
  });
});
