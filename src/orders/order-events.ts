import { ordersEvents } from '../contracts/orders-events.ts';
import type { Shortage } from '../contracts/generated/orders-events.ts';
import { newEvent } from '../outbox/outbox-event.ts';
import { replyEventId } from '../outbox/reply-event-id.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import type { Order, PlacedOrder, Return } from './order.ts';
import type { StatusBefore } from './order-status.ts';

// All events of one customer share a key, so that readers get them in the order they were committed; a guest's order
// or return stands for itself.
const keyOf = (customerId: string | null, ownId: string): string => customerId ?? ownId;

export function orderPlaced(order: PlacedOrder, traceparent: string): OutboxEvent {
  return newEvent(ordersEvents.events.OrderPlaced, {
    key: keyOf(order.customerId, order.orderId),
    aggregateId: order.orderId,
    payload: contentOf(order),
    occurredAt: order.placedAt,
    traceparent,
  });
}

export function orderCancelled(
  order: Order & { readonly status: StatusBefore<'CANCELLED'> },
  cancel: { readonly at: Date; readonly reason: string | null; readonly traceparent: string },
): OutboxEvent {
  return newEvent(ordersEvents.events.OrderCancelled, {
    key: keyOf(order.customerId, order.orderId),
    aggregateId: order.orderId,
    payload: {
      ...contentOf(order),
      previousStatus: order.status,
      reason: cancel.reason,
      cancelledAt: cancel.at.getTime(),
    },
    occurredAt: cancel.at,
    traceparent: cancel.traceparent,
  });
}

export function itemsReturned(accepted: Return, traceparent: string): OutboxEvent {
  return newEvent(ordersEvents.events.ItemsReturned, {
    key: keyOf(accepted.customerId, accepted.returnId),
    aggregateId: accepted.returnId,
    payload: { ...accepted, returnedAt: accepted.returnedAt.getTime() },
    occurredAt: accepted.returnedAt,
    traceparent,
  });
}

/** What an event said in answer to another one takes from it: key, trace, and an id that a second try gives again. */
export interface Cause {
  readonly consumer: string;
  readonly eventId: string;
  readonly key: string;
  readonly traceparent: string | null;
}

export function orderConfirmed(order: Order, cause: Cause, at: Date): OutboxEvent {
  return newEvent(ordersEvents.events.OrderConfirmed, {
    ...replyFields(order, cause, at),
    eventId: replyEventId(cause.consumer, cause.eventId, 'OrderConfirmed'),
    payload: { ...contentOf(order), confirmedAt: at.getTime() },
  });
}

export function orderRejected(
  order: Order,
  reasons: readonly Shortage[],
  cause: Cause,
  at: Date,
): OutboxEvent {
  const { orderId, customerId } = order;
  return newEvent(ordersEvents.events.OrderRejected, {
    ...replyFields(order, cause, at),
    eventId: replyEventId(cause.consumer, cause.eventId, 'OrderRejected'),
    payload: { orderId, customerId, reasons, rejectedAt: at.getTime() },
  });
}

function replyFields(order: Order, { key, traceparent }: Cause, occurredAt: Date) {
  return { key, traceparent, aggregateId: order.orderId, occurredAt };
}

function contentOf(order: PlacedOrder) {
  const { orderId, customerId, country, currency, lines, totalMinor, placedAt } = order;
  return { orderId, customerId, country, currency, lines, totalMinor, placedAt: placedAt.getTime() };
}
