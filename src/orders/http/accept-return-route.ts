import { HttpProblem, notFound } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { acceptReturn } from '../accept-return.ts';
import type { OrdersContext } from '../orders-context.ts';
import { idempotencyKeyOf, idempotencyResponses, keyReused, replayed } from './idempotent-request.ts';
import { idempotencyHeaders, orderBodyLimitBytes, returnAnswer, returnBody } from './order-schemas.ts';

/** POST /returns */
export function acceptReturnRoute(context: OrdersContext): Route {
  return defineRoute({
    method: 'post',
    path: '/returns',
    operationId: 'acceptReturn',
    summary: 'Take goods back, with or without the order they belong to',
    headers: idempotencyHeaders,
    body: returnBody,
    bodyLimitBytes: orderBodyLimitBytes,
    responses: {
      201: { description: 'The return is accepted', schema: returnAnswer },
      404: { description: 'There is no such order, or it belongs to another customer' },
      409: {
        description:
          'The order is not CONFIRMED, so nothing of it can come back; `orderStatus` says what it is',
      },
      ...idempotencyResponses,
    },
    handle: async ({ headers, body, traceparent }) => {
      const { customerId = null, orderId = null, ...rest } = body;
      const outcome = await acceptReturn(context, {
        content: { ...rest, customerId, orderId },
        idempotencyKey: idempotencyKeyOf(headers, 'POST /returns', body),
        traceparent,
      });
      switch (outcome.kind) {
        case 'accepted':
          return { status: 201, jsonText: outcome.text };
        case 'replay':
          return replayed(outcome);
        case 'key-reused':
          throw keyReused();
        case 'unknown-order':
          throw notFound(`There is no order ${orderId ?? ''} of this customer.`);
        case 'not-possible':
          throw new HttpProblem(409, 'order-not-confirmed', {
            title: 'Nothing of this order can come back',
            detail: `Order ${orderId ?? ''} is ${outcome.status}; only goods of CONFIRMED orders can be returned.`,
            extensions: { orderStatus: outcome.status },
          });
      }
    },
  });
}
