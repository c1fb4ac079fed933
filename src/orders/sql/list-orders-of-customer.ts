import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Order } from '../order.ts';
import type { OrdersPage } from './list-orders.ts';
import { orderColumns } from './order-columns.ts';

/** Newest first; a statement of its own, so that it always has the customer's index. */
export async function listOrdersOfCustomer(
  db: Queryable,
  customerId: string,
  { before, limit }: OrdersPage,
): Promise<Order[]> {
  const { rows } = await db.query<Order>({
    name: 'list_orders_of_customer',
    text: `
      select ${orderColumns} from orders.orders
      where customer_id = $1 and order_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      order by order_id desc
      limit $3`,
    values: [customerId, before, limit],
  });
  return rows;
}
