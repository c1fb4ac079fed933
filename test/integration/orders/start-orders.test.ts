import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readOrdersConfig } from '../../../src/orders/orders-config.ts';
import { startOrders } from '../../../src/orders/start-orders.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { anOrder } from './orders-over-http.ts';

let database: TestDatabase;
let running: Awaited<ReturnType<typeof startOrders>> | undefined;
beforeEach(async () => {
  database = await createTestDatabase('orders');
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await database.drop();
});

/** Kafka and the registry are at addresses where nobody listens. */
const config = (url: string, port = 0) =>
  readOrdersConfig({
    ORDERS_DATABASE_URL: url,
    KAFKA_BROKERS: '127.0.0.1:1',
    REGISTRY_URL: 'http://127.0.0.1:1',
    ORDERS_PORT: String(port),
  });

const place = (port: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(anOrder),
  });

test('orders are accepted while Kafka and the registry are away; ready, though the pipeline is not healthy', async () => {
  const orders = (running = await startOrders(config(database.appUrl), silentLog));
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${orders.port}${path}`)).status;
  expect((await place(orders.port)).status).toBe(201);
  expect([
    await statusOf('/healthz'),
    await statusOf('/readyz'),
    await statusOf('/healthz/pipeline'),
  ]).toEqual([200, 200, 503]);
  const begun = Date.now();
  await orders.stop();
  running = undefined;
  expect(Date.now() - begun).toBeLessThan(9_000);
  await expect(place(orders.port)).rejects.toThrow();
});

test('while Postgres gives no connection the answer is 503 with Retry-After and no secrets; when it is back orders are accepted', async () => {
  const orders = (running = await startOrders(config(database.appUrl), silentLog));
  const admin = createPool({
    connectionString: database.adminUrl.replace(database.database, 'postgres'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await admin.query({ text: `alter database ${database.database} connection limit 0` });
  await admin.query({
    text: 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
    values: [database.database],
  });
  const refused = await place(orders.port);
  const text = await refused.text();
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
    503,
    '2',
    'application/problem+json',
  ]);
  expect(text).not.toMatch(/orders_app|127\.0\.0\.1| at .*:\d+/);
  expect((await fetch(`http://127.0.0.1:${orders.port}/readyz`)).status).toBe(503);
  await admin.query({ text: `alter database ${database.database} connection limit -1` });
  expect((await place(orders.port)).status).toBe(201);
  await admin.end();
});

test('a port in use is one sentence with a remedy', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(startOrders(config(database.appUrl, port), silentLog)).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: the port is in use.`,
  );
  await new Promise((resolve) => other.close(resolve));
});
