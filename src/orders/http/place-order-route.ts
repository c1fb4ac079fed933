import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { OrdersContext } from '../orders-context.ts';
import { placeOneByOne } from './place-one-by-one.ts';
import { idempotencyKeyOf, idempotencyResponses, keyReused, replayed } from './idempotent-request.ts';
import {
  idempotencyHeaders,
  type OrderBody,
  orderBody,
  orderBodyLimitBytes,
  placedAnswer,
} from './order-schemas.ts';

/** POST /orders */
export function placeOrderRoute(context: OrdersContext): Route {
  const placeOrder = placeOneByOne(context);
  return defineRoute({
    method: 'post',
    path: '/orders',
    operationId: 'placeOrder',
    summary: 'Place an order',
    description: 'Accepted as PLACED; the inventory confirms or rejects it soon after.',
    headers: idempotencyHeaders,
    body: orderBody,
    bodyLimitBytes: orderBodyLimitBytes,
    responses: {
      201: {
        description: 'The order is placed',
        schema: placedAnswer,
        headers: {
          Location: 'Where to read the order',
          'Idempotent-Replay': 'true when this answer was given before',
        },
      },
      ...idempotencyResponses,
    },
    handle: async ({ headers, body, traceparent }) => {
      const idempotencyKey = idempotencyKeyOf(headers, placeOrderOperation, body);
      const outcome = await placeOrder({ order: orderOf(body), idempotencyKey, traceparent });
      if (outcome.kind === 'key-reused') throw keyReused();
      const reply = outcome.kind === 'replay' ? replayed(outcome) : { status: 201, jsonText: outcome.text };
      return { ...reply, headers: { ...reply.headers, Location: locationOf(outcome.text) } };
    },
  });
}

/** The same for single and bulk orders: a retry may take the other way. */
export const placeOrderOperation = 'POST /orders';

export function orderOf({ customerId, country, currency, lines, reference }: OrderBody) {
  return { customerId: customerId ?? null, country, currency, lines, reference: reference ?? null };
}

function locationOf(text: string): string {
  const { orderId } = JSON.parse(text) as { orderId: string };
  return `/orders/${orderId}`;
}
