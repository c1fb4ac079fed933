import { v7 } from 'uuid';
import { answersKeptMs, purgeOldAnswers } from '../../../src/orders/purge-answers.ts';
import { sqlState } from '../../../src/platform/postgres/postgres-errors.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('orders');
});
afterAll(() => database.drop());

async function stateOf(text: string, values: readonly unknown[] = []): Promise<string | undefined> {
  try {
    await database.pool.query({ text, values });
  } catch (error) {
    return sqlState(error);
  }
  return 'done';
}

const insert = (columns: string, values: string): string => `
  insert into orders.orders (order_id, status, country, currency, lines, total_minor, placed_at${columns})
  values ($1, $2, 'F', 'GBP', '[{}]', 1, now()${values})`;

describe('the tables', () => {
  test.each([
    ['a status that is none', 'LOST', '', ''],
    ['a settled order without a time', 'CONFIRMED', '', ''],
    ['a rejection without reasons', 'REJECTED', ', settled_at', ', now()'],
    ['reasons without a rejection', 'PLACED', ', rejection', `, '[]'`],
    ['a cancellation without a time', 'CANCELLED', ', settled_at', ', now()'],
  ])('refuse %s', async (_what, status, columns, values) => {
    expect(await stateOf(insert(columns, values), [v7(), status])).toBe('23514');
  });

  test.each([
    ['delete an order', 'delete from orders.orders'],
    ['change what was ordered', `update orders.orders set lines = '[]'`],
    ['empty a table', 'truncate orders.idempotency_keys'],
    ['change a kept answer', `update orders.idempotency_keys set answer = ''`],
    ['change a return', 'update orders.returns set total_minor = 1'],
    ['make a table', 'create table orders.mine ()'],
  ])('do not let the service %s', async (_what, text) => {
    expect(await stateOf(text)).toBe('42501');
  });
});

test('answers are forgotten after seven days, and only then', async () => {
  const now = new Date('2026-01-08T12:00:00Z');
  const keep = async (key: string, ageMs: number): Promise<void> => {
    await database.pool.query({
      text: `insert into orders.idempotency_keys values ('c', $1, '', 201, '{}', $2)`,
      values: [key, new Date(now.getTime() - ageMs)],
    });
  };
  await keep('old', answersKeptMs + 1);
  await keep('young', answersKeptMs - 1);
  expect(await purgeOldAnswers(database.pool, now)).toBe(1);
  const { rows } = await database.pool.query({ text: 'select key from orders.idempotency_keys' });
  expect(rows).toEqual([{ key: 'young' }]);
});
