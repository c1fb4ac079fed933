import { v7 } from 'uuid';
import { lockReservations } from '../../../src/inventory/sql/lock-reservations.ts';
import { lockStock } from '../../../src/inventory/sql/lock-stock.ts';
import { findSettledOrderIds } from '../../../src/orders/sql/find-settled-order-ids.ts';
import { lockOrders } from '../../../src/orders/sql/lock-orders.ts';
import type { Statement } from '../../../src/platform/postgres/statement.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { createTestDatabase } from '../../support/test-database.ts';

/** What a statement is, without being run. */
async function textOf(run: (tx: Transaction) => Promise<unknown>): Promise<string> {
  let text = '';
  const recorder = {
    query: (statement: Statement) => {
      ({ text } = statement);
      return Promise.resolve({ rows: [], rowCount: 0 });
    },
  };
  await run(recorder as unknown as Transaction);
  return text;
}

/**
 * A plan is made once and stays while the table grows. One that reads the whole of a table that is still empty compares each of a thousand
 * ids with each row, a minute after a burst of orders.
 */
describe('rows are looked up by an index, also in tables that were empty when the plan was made:', () => {
  test.each([
    ['orders', lockOrders],
    ['orders', findSettledOrderIds],
    ['inventory', lockReservations],
    ['inventory', lockStock],
  ] as const)('%s: %p', async (service, statement) => {
    const text = await textOf((tx) => statement(tx, [v7()]));
    const database = await createTestDatabase(service);
    try {
      const plan = await inTransaction(
        database.pool,
        async (tx) => {
          const { rows } = await tx.query<Record<string, string>>({
            text: `explain (generic_plan, costs off) ${text}`,
          });
          return rows.map((row) => row['QUERY PLAN']).join('\n');
        },
        { searchPath: [service] },
      );
      expect(plan).toMatch(/Index|Bitmap/);
      expect(plan).not.toContain('Seq Scan');
    } finally {
      await database.drop();
    }
  });
});
