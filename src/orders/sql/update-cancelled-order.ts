import type { Transaction } from '../../platform/postgres/transaction.ts';

/** The order must be locked and PLACED or CONFIRMED. A confirmed order keeps the time it was settled. */
export async function updateCancelledOrder(
  tx: Transaction,
  cancelled: { readonly orderId: string; readonly at: Date; readonly reason: string | null },
): Promise<void> {
  await tx.query({
    name: 'update_cancelled_order',
    text: `
      update orders
      set status = 'CANCELLED', cancelled_at = $2, cancel_reason = $3, settled_at = coalesce(settled_at, $2)
      where order_id = $1 and status in ('PLACED', 'CONFIRMED')`,
    values: [cancelled.orderId, cancelled.at, cancelled.reason],
  });
}
