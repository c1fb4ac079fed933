import type { Queryable } from '../../platform/postgres/statement.ts';

/** Which of these orders are no longer PLACED. */
export async function findSettledOrderIds(db: Queryable, orderIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ orderId: string }>({
    name: 'find_settled_order_ids',
    text: `select order_id as "orderId" from orders.orders where order_id = any($1::uuid[]) and status <> 'PLACED'`,
    values: [orderIds],
  });
  return rows.map((row) => row.orderId);
}
