import type { Shortage } from '../../contracts/generated/orders-events.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';

export interface SettledOrder {
  readonly orderId: string;
  readonly status: 'CONFIRMED' | 'REJECTED';
  readonly rejection: readonly Shortage[] | null;
}

/** One statement for any number of orders, which must be locked and PLACED. */
export async function updateSettledOrders(
  tx: Transaction,
  settled: readonly SettledOrder[],
  settledAt: Date,
): Promise<void> {
  await tx.query({
    name: 'update_settled_orders',
    text: `
      update orders
      set status = settled.status, rejection = settled.rejection, settled_at = $4
      from unnest($1::uuid[], $2::text[], $3::jsonb[]) as settled (order_id, status, rejection)
      where orders.order_id = settled.order_id and orders.status = 'PLACED'`,
    values: [
      settled.map((order) => order.orderId),
      settled.map((order) => order.status),
      settled.map((order) => (order.rejection === null ? null : JSON.stringify(order.rejection))),
      settledAt,
    ],
  });
}
