import { notFound } from '../../platform/http/problem.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { isSettled } from '../order-status.ts';
import type { OrdersContext } from '../orders-context.ts';
import type { SettlementWatch } from '../settlement-watch.ts';
import { findOrder } from '../sql/find-order.ts';
import { listOrdersOfCustomer } from '../sql/list-orders-of-customer.ts';
import { listOrders } from '../sql/list-orders.ts';
import { orderAnswer, orderPath, orderQuery, ordersAnswer, ordersQuery } from './order-schemas.ts';
import { toOrderAnswer } from './to-order-answer.ts';

const defaultWaitMs = 10_000;
const defaultPage = 50;

/** GET /orders/:orderId */
export function readOrderRoute({ pool }: OrdersContext, watch: SettlementWatch): Route {
  return defineRoute({
    method: 'get',
    path: '/orders/:orderId',
    operationId: 'getOrder',
    summary: 'Read an order, at once or when it is settled',
    params: orderPath,
    loggedParams: ['orderId'],
    query: orderQuery,
    responses: {
      200: {
        description: 'The order as it is now; after the time-out it may still be PLACED',
        schema: orderAnswer,
      },
      404: { description: 'There is no such order' },
    },
    handle: async (request) => {
      const { orderId } = request.params;
      const { waitFor, timeoutMs } = request.query;
      let order = await findOrder(pool, orderId);
      if (order !== undefined && waitFor === 'settled' && !isSettled(order.status)) {
        const waitMs = timeoutMs === undefined ? defaultWaitMs : Number(timeoutMs);
        await watch.wait(orderId, waitMs, request.signal);
        order = await findOrder(pool, orderId);
      }
      if (order === undefined) throw notFound(`There is no order ${orderId}.`);
      return { status: 200, body: toOrderAnswer(order) };
    },
  });
}

/** GET /orders */
export function listOrdersRoute({ pool }: OrdersContext): Route {
  return defineRoute({
    method: 'get',
    path: '/orders',
    operationId: 'listOrders',
    summary: 'List orders, newest first, of one customer or of all',
    query: ordersQuery,
    responses: { 200: { description: 'A page of orders', schema: ordersAnswer } },
    handle: async ({ query: { customerId, limit, before } }) => {
      const size = limit === undefined ? defaultPage : Number(limit);
      // One more than asked for tells whether there is a next page.
      const page = { before: before ?? null, limit: size + 1 };
      const found =
        customerId === undefined
          ? await listOrders(pool, page)
          : await listOrdersOfCustomer(pool, customerId, page);
      const orders = found.slice(0, size);
      const next = found.length > size ? (orders.at(-1)?.orderId ?? null) : null;
      return { status: 200, body: { orders: orders.map(toOrderAnswer), next } };
    },
  });
}
