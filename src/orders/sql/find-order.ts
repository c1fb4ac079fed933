import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Order } from '../order.ts';
import { orderColumns } from './order-columns.ts';

// Reads outside a transaction have no search_path of their own: they name the live schema.
export async function findOrder(db: Queryable, orderId: string): Promise<Order | undefined> {
  const { rows } = await db.query<Order>({
    name: 'find_order',
    text: `select ${orderColumns} from orders.orders where order_id = $1`,
    values: [orderId],
  });
  return rows[0];
}
