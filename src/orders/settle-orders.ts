import type { Shortage } from '../contracts/generated/orders-events.ts';
import type { Effect } from '../consumer/define-consumer.ts';
import type { Encoder } from '../events/encoder.ts';
import { appendEvents } from '../outbox/append-events.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { inOneRoundTrip } from '../platform/postgres/in-one-round-trip.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { Order } from './order.ts';
import { orderConfirmed, orderRejected } from './order-events.ts';
import { canBecome, type OrderStatus } from './order-status.ts';
import { lockOrders } from './sql/lock-orders.ts';
import { type SettledOrder, updateSettledOrders } from './sql/update-settled-orders.ts';

/** What the inventory's answer asks of an order. */
export type Settlement =
  | { readonly status: 'CONFIRMED'; readonly orderId: string }
  | { readonly status: 'REJECTED'; readonly orderId: string; readonly reasons: readonly Shortage[] };

export type SettlementOutcome =
  'confirmed' | 'rejected' | 'unknown-order' | `already-${Lowercase<OrderStatus>}`;

/**
 * Applies a batch of the inventory's answers: locks the orders, decides in memory, one update, one append. An answer that
 * comes after the order was cancelled changes nothing; the inventory releases the stock on the cancellation by itself.
 */
export async function settleOrders(
  tx: Transaction,
  encoder: Encoder,
  effects: readonly Effect<Settlement>[],
  context: { readonly now: Date; readonly consumer: string },
): Promise<SettlementOutcome[]> {
  const ids = [...new Set(effects.map(({ change }) => change.orderId))];
  const orders = new Map((await lockOrders(tx, ids)).map((order) => [order.orderId, order]));
  const settled: SettledOrder[] = [];
  const events: OutboxEvent[] = [];
  const outcomes = effects.map(({ event, change }): SettlementOutcome => {
    const order = orders.get(change.orderId);
    if (order === undefined) return 'unknown-order';
    if (!canBecome(order.status, change.status)) return `already-${lowerCase(order.status)}`;
    // A second answer for the order in this batch meets the status that the first one gave it.
    orders.set(order.orderId, { ...order, status: change.status });
    const cause = { ...event, consumer: context.consumer };
    if (change.status === 'CONFIRMED') {
      settled.push({ orderId: order.orderId, status: 'CONFIRMED', rejection: null });
      events.push(orderConfirmed(order, cause, context.now));
      return 'confirmed';
    }
    settled.push({ orderId: order.orderId, status: 'REJECTED', rejection: change.reasons });
    events.push(orderRejected(order, change.reasons, cause, context.now));
    return 'rejected';
  });
  await inOneRoundTrip([updateSettledOrders(tx, settled, context.now), appendEvents(tx, encoder, events)]);
  return outcomes;
}

const lowerCase = (status: Order['status']): Lowercase<OrderStatus> =>
  status.toLowerCase() as Lowercase<OrderStatus>;
