import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { applyTopics } from '../../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { faults } from '../../chaos/faults.ts';
import type { Storm } from '../../chaos/storm.ts';
import { withAdmin } from '../../chaos/faults/topic-access.ts';
import { hotCustomer } from '../../support/shop-load.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testKafka } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const topicPrefix = uniquePrefix();
const topic = `${topicPrefix}orders.events`;
let orders: TestDatabase;
beforeAll(async () => {
  orders = await createTestDatabase('orders');
  await applyTopics(testKafka(), topicCatalogue(topicPrefix), { replicationFactor: 1, log: silentLog });
});
afterAll(() => orders.drop());

const strike = (name: string) => {
  const storm = { pipeline: { topicPrefix, databases: { orders } }, hold: () => Promise.resolve() };
  const fault = faults.find((one) => one.name === name);
  return fault?.strike(storm as unknown as Storm, { number: 1, holdMs: 0, choice: 0 });
};

test('nothing is written again into a topic in which there is nothing', async () => {
  expect(await strike('duplicates')).toEqual({ skipped: 'there was nothing to write again' });
});

test('a topic gets one partition after the other up to 8, and then no more', async () => {
  const partitions = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
  for (let count = partitions.length + 1; count <= 8; count += 1)
    expect(await strike('partitions-added')).toBe(`orders.events has ${count}`);
  expect(await strike('partitions-added')).toEqual({ skipped: 'it has 8 already' });
});

test('a customer who has not ordered keeps nobody waiting', async () => {
  expect(await strike('pool-exhausted')).toEqual({ skipped: 'the busiest customer has not ordered yet' });
  await orders.pool.query({
    text: `insert into pipeline.outbox_keys values ('orders.events', $1, 1)`,
    values: [hotCustomer],
  });
  expect(await strike('pool-exhausted')).toBe('locked for 0 ms');
});
