import { rowsOf } from './invariants.ts';
import type { Checked } from './invariants.ts';

export interface OrderRow {
  readonly orderId: string;
  readonly reference: string | null;
  readonly status: string;
}

export const ordersOf = ({ databases }: Checked): Promise<OrderRow[]> =>
  rowsOf<OrderRow>(databases.orders, 'select order_id as "orderId", reference, status from orders.orders');
