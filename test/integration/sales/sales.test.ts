import { randomUUID } from 'node:crypto';
import type { ConsumedEvent, Effect } from '../../../src/consumer/define-consumer.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { DaySales } from '../../../src/sales/day-sales.ts';
import { salesConsumer } from '../../../src/sales/sales-consumer.ts';
import { startSales } from '../../../src/sales/start-sales.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
let sales: Awaited<ReturnType<typeof startSales>>;

beforeAll(async () => {
  database = await createTestDatabase('sales');
  const config = {
    databaseUrl: database.appUrl,
    host: '127.0.0.1',
    port: 0,
    // Nobody listens there: reading what was counted needs only Postgres.
    kafka: { brokers: ['127.0.0.1:1'] },
    registry: 'http://127.0.0.1:1',
    topicPrefix: '',
    logLevel: 'silent' as const,
  };
  sales = await startSales(config, silentLog);
});
afterAll(async () => {
  await sales.stop();
  await database.drop();
});

const zero = { orders: 0, units: 0, revenueMinor: 0, returns: 0, returnedUnits: 0, returnedMinor: 0 };
const event: ConsumedEvent = {
  type: 'OrderConfirmed',
  payload: {},
  eventId: randomUUID(),
  key: 'ann',
  keySeq: 1,
  aggregateId: 'o1',
  occurredAt: new Date(),
  traceparent: null,
  topic: 'orders.events',
  partition: 0,
  offset: 0,
};
const apply = (changes: readonly (DaySales | null)[]): Promise<readonly string[]> => {
  const effects: Effect<DaySales | null>[] = changes.map((change) => ({ event, change }));
  return inTransaction(
    database.pool,
    (tx) => salesConsumer.apply(tx, effects, { now: new Date(), consumer: 'sales' }),
    { searchPath: [salesConsumer.schema] },
  );
};
const sold = (country: string, day: string, revenueMinor: number): DaySales => ({
  ...zero,
  country,
  day,
  currency: 'GBP',
  orders: 1,
  units: 2,
  revenueMinor,
});
async function get(
  query: string,
): Promise<{ status: number; body: { items: object[]; isComplete: boolean } }> {
  const response = await fetch(`http://127.0.0.1:${sales.port}/sales?${query}`);
  return { status: response.status, body: (await response.json()) as never };
}

test('batches add up, and what is read is sorted by day, country and currency', async () => {
  const returned = {
    ...zero,
    country: 'Aland',
    day: '2011-02-02',
    currency: 'GBP',
    returns: 1,
    returnedUnits: 1,
  };
  const outcomes = await apply([
    sold('Aland', '2011-02-02', 500),
    null,
    sold('Aland', '2011-02-01', 100),
    { ...returned, returnedMinor: 200 },
    sold('Aland', '2011-02-02', 300),
  ]);
  expect(outcomes).toEqual(['counted', 'not-counted', 'counted', 'counted', 'counted']);
  await apply([{ ...sold('Aland', '2011-02-01', 50), currency: 'EUR' }, sold('Aland', '2011-02-01', 50)]);
  const day = { ...zero, country: 'Aland' };
  expect((await get('country=Aland')).body).toEqual({
    isComplete: true,
    items: [
      { ...day, day: '2011-02-01', currency: 'EUR', orders: 1, units: 2, revenueMinor: 50, netMinor: 50 },
      { ...day, day: '2011-02-01', currency: 'GBP', orders: 2, units: 4, revenueMinor: 150, netMinor: 150 },
      {
        ...{ ...day, day: '2011-02-02', currency: 'GBP', orders: 2, units: 4, revenueMinor: 800 },
        ...{ returns: 1, returnedUnits: 1, returnedMinor: 200, netMinor: 600 },
      },
    ],
  });
});

test('a batch of which nothing counts writes nothing', async () => {
  expect(await apply([null, null])).toEqual(['not-counted', 'not-counted']);
});

test('partitions that add to the same days at once lose nothing and do not deadlock', async () => {
  const days = Array.from({ length: 20 }, (_, i) => `2011-03-${String(i + 1).padStart(2, '0')}`);
  const partition = async (backwards: boolean): Promise<void> => {
    for (let round = 0; round < 20; round += 1) {
      await apply((backwards ? [...days].reverse() : days).map((day) => sold('Bhutan', day, 10)));
    }
  };
  await Promise.all([partition(false), partition(true), partition(false), partition(true)]);
  const { body } = await get('country=Bhutan');
  expect(body.items).toHaveLength(20);
  for (const item of body.items) expect(item).toMatchObject({ orders: 80, units: 160, revenueMinor: 800 });
});

test('from and to choose days, both included', async () => {
  await apply(['2012-01-01', '2012-01-02', '2012-01-03'].map((day) => sold('Chad', day, 1)));
  const daysOf = async (query: string) =>
    (await get(`country=Chad&${query}`)).body.items.map((item) => (item as DaySales).day);
  expect(await daysOf('from=2012-01-02&to=2012-01-02')).toEqual(['2012-01-02']);
  expect(await daysOf('from=2012-01-02')).toEqual(['2012-01-02', '2012-01-03']);
  expect(await daysOf('to=2012-01-02')).toEqual(['2012-01-01', '2012-01-02']);
});

test.each([
  'from=2011-13-01',
  'from=yesterday',
  'from=0000-01-01',
  'from=2012-01-02&to=2012-01-01',
  'country=',
  'country=%00',
  'limit=5',
])('refuses ?%s', async (query) => {
  expect((await get(query)).status).toBe(400);
});

test('with Kafka down the service is ready and says that events do not flow', async () => {
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${sales.port}${path}`)).status;
  expect(await statusOf('/healthz')).toBe(200);
  expect(await statusOf('/readyz')).toBe(200);
  expect(await statusOf('/healthz/pipeline')).toBe(503);
  expect(await statusOf('/metrics')).toBe(200);
  const api = (await (await fetch(`http://127.0.0.1:${sales.port}/openapi.json`)).json()) as {
    paths: object;
  };
  expect(Object.keys(api.paths)).toContain('/sales');
});

test('the service may neither delete nor make tables', async () => {
  for (const text of ['delete from sales.sales_by_day', 'create table sales.more (id int)']) {
    await expect(database.pool.query({ text })).rejects.toThrow(/permission denied/);
  }
});
