import type { OpenApi } from '../../support/fuzz-requests.ts';
import { fuzzRoutes } from '../../support/fuzz-routes.ts';
import { startOrdersOverHttp, type OrdersOverHttp } from './orders-over-http.ts';

let orders: OrdersOverHttp;
beforeAll(async () => {
  orders = await startOrdersOverHttp();
});
afterAll(() => orders.stop());

test('whatever is asked of any route, the answer is one that the document has, and nothing is half done', async () => {
  const document = (await orders.get('/openapi.json')).body as OpenApi;
  const port = Number(new URL(orders.url).port);
  await fuzzRoutes({ port, document, requests: 150, withinMs: 40_000 });
  expect((await orders.get('/readyz')).status).toBe(200);
  const { rows } = await orders.database.pool.query<{
    orders: number;
    placed: number;
    returns: number;
    returned: number;
    cancelled: number;
    said: number;
  }>({
    text: `
      select (select count(*)::int from orders.orders) as orders, (select count(*)::int from orders.returns) as returns,
             (select count(*)::int from orders.orders where status = 'CANCELLED') as cancelled,
             (select count(*)::int from pipeline.outbox where event_type = 'OrderPlaced') as placed,
             (select count(*)::int from pipeline.outbox where event_type = 'ItemsReturned') as returned,
             (select count(*)::int from pipeline.outbox where event_type = 'OrderCancelled') as said`,
  });
  const [counts] = rows;
  expect(counts?.orders).toBeGreaterThan(10);
  expect(counts).toMatchObject({
    placed: counts?.orders,
    returned: counts?.returns,
    said: counts?.cancelled,
  });
});
