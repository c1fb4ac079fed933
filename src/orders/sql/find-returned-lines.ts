import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Line } from '../../contracts/generated/orders-events.ts';

/** Every line of every return of the order. Under the order's lock nobody adds one meanwhile. */
export async function findReturnedLines(tx: Transaction, orderId: string): Promise<Line[]> {
  const { rows } = await tx.query<{ lines: Line[] }>({
    name: 'find_returned_lines',
    text: 'select lines from returns where order_id = $1',
    values: [orderId],
  });
  return rows.flatMap((row) => row.lines);
}
