import { appendEvents } from '../outbox/append-events.ts';
import { inTransaction, type Transaction } from '../platform/postgres/transaction.ts';
import type { IdempotencyKey } from './answer.ts';
import { type Claim, claimAnswers } from './idempotency.ts';
import type { Order } from './order.ts';
import { orderCancelled } from './order-events.ts';
import { canBecome, type OrderStatus } from './order-status.ts';
import { type OrdersContext, ordersSchema } from './orders-context.ts';
import { findReturnedLines } from './sql/find-returned-lines.ts';
import { lockOrders } from './sql/lock-orders.ts';
import { updateCancelledOrder } from './sql/update-cancelled-order.ts';

export interface CancelOrder {
  readonly orderId: string;
  readonly reason: string | null;
  readonly idempotencyKey?: IdempotencyKey | undefined;
  readonly traceparent: string;
}

export type CancelOutcome =
  /** Cancelled now, or before: cancelling twice is no mistake. */
  | { readonly kind: 'cancelled'; readonly text: string }
  | { readonly kind: 'unknown-order' }
  | { readonly kind: 'not-possible'; readonly status: OrderStatus }
  /** Its goods are coming back already: cancelling would give the same stock back twice. */
  | { readonly kind: 'has-returns' }
  | Exclude<Claim, { readonly kind: 'claimed' }>;

/** In one transaction under the order's lock: the inventory's answer comes wholly before or wholly after. */
export async function cancelOrder(context: OrdersContext, request: CancelOrder): Promise<CancelOutcome> {
  return inTransaction(context.pool, (tx) => cancelIn(tx, context, request), { searchPath: [ordersSchema] });
}

async function cancelIn(
  tx: Transaction,
  context: OrdersContext,
  request: CancelOrder,
): Promise<CancelOutcome> {
  const [order] = await lockOrders(tx, [request.orderId]);
  if (order === undefined) return { kind: 'unknown-order' };
  const { status } = order;
  if (status !== 'CANCELLED' && !canBecome(status, 'CANCELLED')) return { kind: 'not-possible', status };
  if (status === 'CONFIRMED' && (await findReturnedLines(tx, order.orderId)).length > 0)
    return { kind: 'has-returns' };

  const now = context.clock();
  const cancellation =
    status === 'CANCELLED'
      ? { at: order.cancelledAt ?? now, reason: order.cancelReason }
      : { at: now, reason: request.reason };
  const text = answerTo(order, cancellation);
  if (request.idempotencyKey !== undefined) {
    const [claim] = await claimAnswers(tx, [{ ...request.idempotencyKey, httpStatus: 200, text }], now);
    if (claim !== undefined && claim.kind !== 'claimed') return claim;
  }
  if (status !== 'CANCELLED') {
    await updateCancelledOrder(tx, { orderId: order.orderId, ...cancellation });
    const event = orderCancelled({ ...order, status }, { ...cancellation, traceparent: request.traceparent });
    await appendEvents(tx, context.encoder, [event]);
  }
  return { kind: 'cancelled', text };
}

function answerTo(order: Order, cancellation: { at: Date; reason: string | null }): string {
  const { at, reason } = cancellation;
  return JSON.stringify({
    orderId: order.orderId,
    status: 'CANCELLED',
    cancelledAt: at.toISOString(),
    reason,
  });
}
