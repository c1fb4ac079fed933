import { fileURLToPath } from 'node:url';
import { startService } from '../support/service-process.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { createTestDatabase } from '../support/test-database.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { testStackEnv } from '../support/test-stack.ts';

const crashPoints = fileURLToPath(new URL('../chaos/crash-on-commit.ts', import.meta.url));

let database: TestDatabase;
let service: ServiceProcess;
beforeAll(async () => {
  database = await createTestDatabase('orders');
  service = await startOrders();
});
afterAll(async () => {
  await service.end('SIGTERM');
  await database.drop();
});

/** Without a broker: its consumer commits nothing, so that the next COMMIT is the request's. */
const startOrders = (): Promise<ServiceProcess> =>
  startService(
    'orders',
    { ...testStackEnv(), ORDERS_DATABASE_URL: database.appUrl, KAFKA_BROKERS: '127.0.0.1:1' },
    { nodeOptions: ['--disable-warning=ExperimentalWarning', '--import', crashPoints] },
  );

const place = (): Promise<Response> =>
  fetch(`${service.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'asked-twice' },
    body: JSON.stringify({
      customerId: 'ada',
      country: 'France',
      lines: [{ sku: 'lamp', quantity: 1, unitPriceMinor: 250 }],
    }),
  });

/** What is committed: ids of orders, and of which order each event tells. */
async function committed(): Promise<{ orders: string[]; events: string[] }> {
  const ids = async (text: string): Promise<string[]> =>
    (await database.pool.query<{ id: string }>({ text })).rows.map(({ id }) => id);
  return {
    orders: await ids('select order_id::text as id from orders.orders'),
    events: await ids('select aggregate_id as id from pipeline.outbox'),
  };
}

test('an order whose service dies after COMMIT and before the answer is there once, and its key gives the answer', async () => {
  process.kill(service.pid, 'SIGUSR2');
  await expect(place()).rejects.toThrow('fetch failed');
  // It had killed itself: one that SIGTERM still reaches ends with code 0.
  expect(await service.end('SIGTERM')).toBeNull();
  const before = await committed();
  expect(before.orders).toHaveLength(1);
  expect(before.events).toEqual(before.orders);

  service = await startOrders();
  const again = await place();
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotent-replay')).toBe('true');
  expect(await again.json()).toMatchObject({ orderId: before.orders[0], status: 'PLACED' });
  expect(await committed()).toEqual(before);
});
