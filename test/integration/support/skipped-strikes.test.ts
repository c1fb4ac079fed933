import { faults } from '../../chaos/faults.ts';
import type { Storm } from '../../chaos/storm.ts';
import { hotCustomer } from '../../support/shop-load.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let orders: TestDatabase;
beforeAll(async () => {
  orders = await createTestDatabase('orders');
});
afterAll(() => orders.drop());

const strike = (name: string) => {
  const storm = { pipeline: { databases: { orders } }, hold: () => Promise.resolve() };
  const fault = faults.find((one) => one.name === name);
  return fault?.strike(storm as unknown as Storm, { number: 1, holdMs: 0, choice: 0 });
};

test('a customer who has not ordered keeps nobody waiting', async () => {
  expect(await strike('pool-exhausted')).toEqual({ skipped: 'the busiest customer has not ordered yet' });
  await orders.pool.query({
    text: `insert into pipeline.outbox_keys values ('orders.events', $1, 1)`,
    values: [hotCustomer],
  });
  expect(await strike('pool-exhausted')).toBe('locked for 0 ms');
});
