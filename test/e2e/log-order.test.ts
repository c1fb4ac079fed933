import { allEventsApplied } from '../support/all-events-applied.ts';
import { readTopic } from '../support/read-topic.ts';
import { shopOf } from '../support/shop.ts';
import type { Shop } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { testKafka } from '../support/test-stack.ts';

let pipeline: TestPipeline;
let shop: Shop;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  shop = shopOf(pipeline);
  await shop.setStock('pen', 100_000);
});
afterAll(() => pipeline.stop());

/** All that the effects of events can be seen in. */
async function effects() {
  const { inventory, sales, orders } = pipeline.databases;
  const rows = async (database: typeof orders, text: string) => (await database.pool.query({ text })).rows;
  return {
    stock: await rows(inventory, 'select * from inventory.stock order by sku'),
    reservations: await rows(inventory, 'select * from inventory.reservations order by order_id'),
    replies: await rows(inventory, 'select id from pipeline.outbox order by id'),
    orders: await rows(orders, 'select * from orders.orders order by order_id'),
    said: await rows(orders, 'select id from pipeline.outbox order by id'),
    sales: await rows(sales, 'select * from sales.sales_by_day order by 1, 2'),
  };
}

test("one customer's events arrive in commit order under concurrent load, and others' as well", async () => {
  const customers = ['hot', 'hot', 'hot', 'ann', 'ben', 'cat'];
  await Promise.all(
    customers.map(async (customer) => {
      for (let n = 0; n < 25; n += 1) {
        const { orderId } = await shop.place(customer, { pen: 1 });
        if (n % 5 === 0) await shop.cancel(orderId);
      }
    }),
  );
  await allEventsApplied(pipeline);

  const said = await pipeline.databases.orders.pool.query<{ event_id: string; partition_key: string }>({
    text: 'select event_id, partition_key from pipeline.outbox order by insert_lsn',
  });
  const records = await readTopic(`${pipeline.topicPrefix}orders.events`);
  for (const key of new Set(customers)) {
    const committed = said.rows.filter((row) => row.partition_key === key).map((row) => row.event_id);
    const arrived = records.filter((record) => record.key === key);
    expect(arrived.map((record) => record.headers['id'])).toEqual(committed);
    expect(arrived.map((record) => Number(record.headers['keySeq']))).toEqual(
      committed.map((_, index) => index + 1),
    );
    expect(new Set(arrived.map((record) => record.partition)).size).toBe(1);
  }
});

test('the record holds the very bytes of the outbox row, its key, and plain text headers', async () => {
  const { rows } = await pipeline.databases.orders.pool.query<{
    event_id: string;
    payload: Buffer;
    event_type: string;
    aggregate_id: string;
    schema_fingerprint: string;
    occurred_at: Date;
  }>({ text: 'select * from pipeline.outbox' });
  const records = await readTopic(`${pipeline.topicPrefix}orders.events`);
  const byId = new Map(records.map((record) => [record.headers['id'], record]));
  for (const row of rows) {
    const record = byId.get(row.event_id);
    expect(record?.value.equals(row.payload)).toBe(true);
    expect(record?.headers).toMatchObject({
      eventType: row.event_type,
      aggregateId: row.aggregate_id,
      schemaFingerprint: row.schema_fingerprint,
    });
    expect(new Date(record?.headers['occurredAt'] ?? '')).toEqual(row.occurred_at);
  }
});

test('every record delivered a second time changes nothing', async () => {
  const before = await effects();
  expect(before.sales.length).toBeGreaterThan(0);
  const producer = testKafka().producer();
  await producer.connect();
  for (const name of ['orders.events', 'inventory.events']) {
    const topic = pipeline.topicPrefix + name;
    const messages = (await readTopic(topic)).map(({ partition, key, value, headers }) => ({
      partition,
      key,
      value,
      headers,
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  // The marker comes after the duplicates in every partition that it uses, so they have been read when it is applied.
  const marker = await Promise.all(
    ['hot', 'ann', 'ben', 'cat'].map((customer) => shop.place(customer, { pen: 0 + 1 })),
  );
  await Promise.all(marker.map(({ orderId }) => shop.settled(orderId)));
  await Promise.all(marker.map(({ orderId }) => shop.cancel(orderId)));
  await allEventsApplied(pipeline);
  const after = await effects();
  const markers = new Set(marker.map(({ orderId }) => orderId));
  const isOld = (row: unknown) => !markers.has((row as { order_id: string }).order_id);
  expect(after.stock).toEqual(before.stock);
  expect(after.reservations.filter(isOld)).toEqual(before.reservations);
  expect(after.orders.filter(isOld)).toEqual(before.orders);
  expect(after.replies.slice(0, before.replies.length)).toEqual(before.replies);
  expect(after.replies).toHaveLength(before.replies.length + 2 * marker.length);
  expect(after.said).toHaveLength(before.said.length + 3 * marker.length);
});
