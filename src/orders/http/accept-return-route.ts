import { HttpProblem, notFound } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { acceptReturn, type ReturnRefusal } from '../accept-return.ts';
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
          'Nothing of the order can come back (it is not CONFIRMED; `orderStatus` says what it is), not so much of it, or not in this currency',
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
        default:
          throw refused(orderId ?? '', outcome);
      }
    },
  });
}

function refused(orderId: string, refusal: ReturnRefusal): HttpProblem {
  switch (refusal.kind) {
    case 'unknown-order':
      return notFound(`There is no order ${orderId} of this customer.`);
    case 'not-possible':
      return new HttpProblem(409, 'order-not-confirmed', {
        title: 'Nothing of this order can come back',
        detail: `Order ${orderId} is ${refusal.status}; only goods of CONFIRMED orders can be returned.`,
        extensions: { orderStatus: refusal.status },
      });
    case 'more-than-ordered':
      return new HttpProblem(409, 'more-than-ordered', {
        title: 'More would come back than was ordered',
        detail: `Of ${refusal.sku} ${refusal.left} can still come back of order ${orderId}.`,
        extensions: { orderStatus: 'CONFIRMED' },
      });
    case 'other-currency':
      return new HttpProblem(409, 'other-currency', {
        title: 'The order is in another currency',
        detail: `Order ${orderId} is in ${refusal.currency}.`,
        extensions: { orderStatus: 'CONFIRMED' },
      });
  }
}
