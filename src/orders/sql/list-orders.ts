import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Order } from '../order.ts';
import { orderColumns } from './order-columns.ts';

export interface OrdersPage {
  /** Only older ones than this order; ids are ordered by time. */
  readonly before: string | null;
  readonly limit: number;
}

/** Newest first. */
export async function listOrders(db: Queryable, { before, limit }: OrdersPage): Promise<Order[]> {
  const { rows } = await db.query<Order>({
    name: 'list_orders',
    text: `
      select ${orderColumns} from orders.orders
      where order_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      order by order_id desc
      limit $2`,
    values: [before, limit],
  });
  return rows;
}
