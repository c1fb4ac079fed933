import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Return } from '../order.ts';

export async function insertReturn(tx: Transaction, accepted: Return): Promise<void> {
  await tx.query({
    name: 'insert_return',
    text: `
      insert into returns (return_id, order_id, customer_id, country, currency, lines, total_minor, returned_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      accepted.returnId,
      accepted.orderId,
      accepted.customerId,
      accepted.country,
      accepted.currency,
      JSON.stringify(accepted.lines),
      accepted.totalMinor,
      accepted.returnedAt,
    ],
  });
}
