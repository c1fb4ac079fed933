import { healthRoutes, type HealthRoutesOptions } from '../../platform/http/health-routes.ts';
import { withOpenApi } from '../../platform/http/open-api.ts';
import type { Route } from '../../platform/http/route.ts';
import type { OrdersContext } from '../orders-context.ts';
import type { SettlementWatch } from '../settlement-watch.ts';
import { acceptReturnRoute } from './accept-return-route.ts';
import { bulkOrdersRoute } from './bulk-orders-route.ts';
import { cancelOrderRoute } from './cancel-order-route.ts';
import { placeOrderRoute } from './place-order-route.ts';
import { listOrdersRoute, readOrderRoute } from './read-order-routes.ts';

const info = {
  title: 'Orders',
  version: '1',
  description: 'Takes orders, cancellations and returns. Every refusal is a problem+json (RFC 9457).',
};

/** Every route of the order service. */
export function ordersRoutes(
  context: OrdersContext,
  watch: SettlementWatch,
  health: HealthRoutesOptions,
): Route[] {
  return withOpenApi(info, [
    placeOrderRoute(context),
    bulkOrdersRoute(context),
    listOrdersRoute(context),
    readOrderRoute(context, watch),
    cancelOrderRoute(context),
    acceptReturnRoute(context),
    ...healthRoutes(health),
  ]);
}
