import { HttpProblem, notFound } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { cancelOrder } from '../cancel-order.ts';
import type { OrderStatus } from '../order-status.ts';
import type { OrdersContext } from '../orders-context.ts';
import { idempotencyKeyOf, idempotencyResponses, keyReused, replayed } from './idempotent-request.ts';
import { cancelBody, cancelledAnswer, idempotencyHeaders, orderPath } from './order-schemas.ts';

/** POST /orders/:orderId/cancel */
export function cancelOrderRoute(context: OrdersContext): Route {
  return defineRoute({
    method: 'post',
    path: '/orders/:orderId/cancel',
    operationId: 'cancelOrder',
    summary: 'Cancel an order that is PLACED or CONFIRMED; again for one that is cancelled already',
    params: orderPath,
    loggedParams: ['orderId'],
    headers: idempotencyHeaders,
    body: cancelBody,
    bodyOptional: true,
    responses: {
      200: { description: 'The order is cancelled', schema: cancelledAnswer },
      404: { description: 'There is no such order' },
      409: {
        description:
          'The order can no longer be cancelled, or goods of it have come back; `orderStatus` says what it is',
      },
      ...idempotencyResponses,
    },
    handle: async ({ params: { orderId }, headers, body, traceparent }) => {
      const idempotencyKey = idempotencyKeyOf(headers, `POST /orders/${orderId}/cancel`, body);
      const reason = body.reason ?? null;
      const outcome = await cancelOrder(context, { orderId, reason, idempotencyKey, traceparent });
      switch (outcome.kind) {
        case 'cancelled':
          return { status: 200, jsonText: outcome.text };
        case 'replay':
          return replayed(outcome);
        case 'key-reused':
          throw keyReused();
        case 'unknown-order':
          throw notFound(`There is no order ${orderId}.`);
        case 'not-possible':
          throw cannotBeCancelled(orderId, outcome.status);
        case 'has-returns':
          throw new HttpProblem(409, 'order-has-returns', {
            title: 'The order can not be cancelled',
            detail: `Goods of order ${orderId} have come back already; send the rest of them to POST /returns.`,
            extensions: { orderStatus: 'CONFIRMED' },
          });
      }
    },
  });
}

function cannotBeCancelled(orderId: string, status: OrderStatus): HttpProblem {
  return new HttpProblem(409, 'order-not-cancellable', {
    title: 'The order can not be cancelled',
    detail: `Order ${orderId} is ${status}; only PLACED and CONFIRMED orders can be cancelled.`,
    extensions: { orderStatus: status },
  });
}
