import { dashboardConfig } from '../../../src/dashboard/dashboard-config.ts';
import { actionRoutes, type Actions } from '../../../src/dashboard/http/action-routes.ts';
import { startDashboard } from '../../../src/dashboard/start-dashboard.ts';
import { startInventory } from '../../../src/inventory/start-inventory.ts';
import { openApiDocument } from '../../../src/platform/http/open-api.ts';
import type { Running } from '../../../src/platform/lifecycle.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { startSales } from '../../../src/sales/start-sales.ts';
import type { OpenApi } from '../../support/fuzz-requests.ts';
import { fuzzRoutes } from '../../support/fuzz-routes.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { testStackEnv } from '../../support/test-stack.ts';
import { startOrdersOverHttp, type OrdersOverHttp } from '../orders/orders-over-http.ts';

/** Nobody listens there: to answer, the services need only Postgres. */
const alone = {
  ...{ host: '127.0.0.1', port: 0, logLevel: 'silent' as const, topicPrefix: '' },
  ...{ kafka: { brokers: ['127.0.0.1:1'] }, registry: 'http://127.0.0.1:1' },
};
/** Where there is time they are all asked; where there is not, each route gets its share. */
const eachWithin = { requests: 40, withinMs: 10_000 };

let orders: OrdersOverHttp;
let databases: Record<'inventory' | 'sales', TestDatabase>;
const servers: Running[] = [];
beforeAll(async () => {
  const [over, inventory, sales] = await Promise.all([
    startOrdersOverHttp(),
    createTestDatabase('inventory'),
    createTestDatabase('sales'),
  ]);
  orders = over;
  databases = { inventory, sales };
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await orders.stop();
  await Promise.all(Object.values(databases).map((database) => database.drop()));
});

async function documentOf(port: number): Promise<OpenApi> {
  return (await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()) as OpenApi;
}

test('the inventory answers as documented whatever it is asked, and what it set it has said', async () => {
  const { appUrl, pool } = databases.inventory;
  const inventory = await startInventory(
    { ...alone, databaseUrl: appUrl, slot: 'inventory_outbox', probeEveryMs: 0 },
    silentLog,
  );
  servers.push(inventory);
  await fuzzRoutes({ ...eachWithin, port: inventory.port, document: await documentOf(inventory.port) });
  const { rows } = await pool.query<{ skus: number; unsaid: number }>({
    text: `
      with said as (select distinct partition_key as sku from pipeline.outbox where event_type = 'StockAdjusted')
      select count(stock.sku)::int as skus, count(*) filter (where stock.sku is null or said.sku is null)::int as unsaid
      from inventory.stock full join said using (sku)`,
  });
  expect(rows[0]?.skus).toBeGreaterThan(0);
  expect(rows[0]?.unsaid).toBe(0);
});

test('sales answers as documented whatever it is asked', async () => {
  const sales = await startSales({ ...alone, databaseUrl: databases.sales.appUrl }, silentLog);
  servers.push(sales);
  await fuzzRoutes({ ...eachWithin, port: sales.port, document: await documentOf(sales.port) });
});

test('so does the dashboard, and the orders that it placed are whole', async () => {
  const env = {
    ...testStackEnv(),
    ...{ DASHBOARD_PORT: '0', PROBE_EVERY_MS: '0', ORDERS_URL: orders.url },
    ORDERS_OPS_DATABASE_URL: orders.database.opsUrl,
    INVENTORY_OPS_DATABASE_URL: databases.inventory.opsUrl,
    SALES_OPS_DATABASE_URL: databases.sales.opsUrl,
  };
  const page = { problem: 'No page was built.' };
  const dashboard = await startDashboard(dashboardConfig.parse(env), { env, log: silentLog, page });
  servers.push(dashboard);
  const info = { title: 'Dashboard', version: '1', description: 'What its page asks.' };
  // Nothing is asked of the actions: only what the routes take and give is read.
  const document = openApiDocument(info, actionRoutes({} as Actions)) as unknown as OpenApi;
  const headers = ['Host: localhost', 'x-dashboard: 1'];
  await fuzzRoutes({ ...eachWithin, port: dashboard.port, document, headers });
  const { rows } = await orders.database.pool.query<{ orders: number; placed: number }>({
    text: `select (select count(*)::int from orders.orders) as orders,
                  (select count(*)::int from pipeline.outbox where event_type = 'OrderPlaced') as placed`,
  });
  expect(rows[0]?.orders).toBeGreaterThan(0);
  expect(rows[0]?.placed).toBe(rows[0]?.orders);
});
