import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Order } from '../order.ts';
import { orderColumns } from './order-columns.ts';

/**
 * Reads orders and locks them until the end of the transaction, in the order of their ids: whoever changes a status does
 * this first, so that a cancellation and the inventory's answer can't both decide on the same old status.
 */
export async function lockOrders(tx: Transaction, orderIds: readonly string[]): Promise<Order[]> {
  const { rows } = await tx.query<Order>({
    name: 'lock_orders',
    text: `select ${orderColumns} from orders where order_id = any($1::uuid[]) order by order_id for update`,
    values: [orderIds],
  });
  return rows;
}
