import { startInventory } from '../../../src/inventory/start-inventory.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('inventory');
});
let running: Awaited<ReturnType<typeof startInventory>> | undefined;
afterEach(async () => {
  // Also after a failed expectation: a consumer that runs on keeps the whole test run from ending.
  await running?.stop();
  running = undefined;
});
afterAll(() => database.drop());

const config = () => ({
  databaseUrl: database.appUrl,
  host: '127.0.0.1',
  port: 0,
  slot: 'inventory_outbox',
  // Nobody listens there.
  kafka: { brokers: ['127.0.0.1:1'] },
  registry: 'http://127.0.0.1:1',
  topicPrefix: '',
  probeEveryMs: 0,
  logLevel: 'silent' as const,
});

test('with Kafka and the registry down the service starts, answers, says that events do not flow, and stops', async () => {
  const inventory = (running = await startInventory(config(), silentLog));
  const get = (path: string) => fetch(`http://127.0.0.1:${inventory.port}${path}`);
  const put = await fetch(`http://127.0.0.1:${inventory.port}/stock/cup`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"onHand":5}',
  });
  expect(put.status).toBe(200);
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  const pipeline = await get('/healthz/pipeline');
  expect(pipeline.status).toBe(503);
  expect(await pipeline.json()).toMatchObject({
    checks: {
      consumer: { ok: false, detail: 'is not in its group: it joins, or Kafka is away' },
      outbox: { ok: false, detail: 'slot inventory_outbox does not exist: register the connector' },
    },
  });
  expect(await (await get('/metrics')).text()).toContain('http_request_duration_seconds');
  const api = (await (await get('/openapi.json')).json()) as { paths: Record<string, object> };
  expect(
    Object.entries(api.paths).map(([path, methods]) => `${path} ${Object.keys(methods).join()}`),
  ).toEqual([
    '/stock/{sku} get,put',
    '/stock get,put',
    '/healthz get',
    '/readyz get',
    '/healthz/pipeline get',
    '/metrics get',
    '/openapi.json get',
  ]);
  await inventory.stop();
  await expect(get('/healthz')).rejects.toThrow();
});

test('without its database the service waits a while for it, then does not start', async () => {
  const unreachable = { ...config(), databaseUrl: 'postgres://inventory_app:x@127.0.0.1:1/inventory' };
  await expect(startInventory(unreachable, silentLog)).rejects.toThrow(
    /Waited 30 s for the database\. Last error: .*ECONNREFUSED/,
  );
});
