/** The order service as it is without an outbox: the same HTTP stack and checks, then two writes one after the other. */
import { v7 } from 'uuid';
import { ordersEvents } from '../../../../src/contracts/orders-events.ts';
import { createEncoder } from '../../../../src/events/encoder.ts';
import { orderBody, orderBodyLimitBytes } from '../../../../src/orders/http/order-schemas.ts';
import { orderOf } from '../../../../src/orders/http/place-order-route.ts';
import { readOrdersConfig } from '../../../../src/orders/orders-config.ts';
import { loadEventSchemas } from '../../../../src/outbox/load-event-schemas.ts';
import { systemClock } from '../../../../src/platform/clock.ts';
import { healthRoutes } from '../../../../src/platform/http/health-routes.ts';
import { startHttpServer } from '../../../../src/platform/http/http-server.ts';
import { createHttpMetrics } from '../../../../src/platform/http/metrics.ts';
import { defineRoute } from '../../../../src/platform/http/route.ts';
import { createKafka } from '../../../../src/platform/kafka/kafka-client.ts';
import { runMain } from '../../../../src/platform/lifecycle.ts';
import { createLog } from '../../../../src/platform/log.ts';
import { createPool } from '../../../../src/platform/postgres/pool.ts';
import { placeAndProduce } from './place-and-produce.ts';

const log = createLog({ name: 'dual-write', env: process.env, level: 'warn' });
await runMain(log, async () => {
  const config = readOrdersConfig(process.env);
  const pool = createPool({
    connectionString: config.ORDERS_DATABASE_URL,
    applicationName: 'dual-write',
    log,
  });
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  const context = { pool, encoder, clock: systemClock, newId: () => v7() };
  const producer = createKafka({ ...config.kafka, clientId: 'dual-write', log }).producer();
  await producer.connect();
  const metrics = createHttpMetrics('dual-write');
  const route = defineRoute({
    method: 'post',
    path: '/orders',
    operationId: 'placeOrder',
    summary: 'Place an order, then tell of it',
    body: orderBody,
    bodyLimitBytes: orderBodyLimitBytes,
    responses: {},
    handle: async ({ body, traceparent }) => {
      const target = { producer, topicPrefix: config.TOPIC_PREFIX };
      const order = await placeAndProduce(context, target, { order: orderOf(body), traceparent });
      return { status: 201, body: { orderId: order.orderId, status: 'PLACED' } };
    },
  });
  const server = await startHttpServer({
    routes: [route, ...healthRoutes({ metrics, ready: {}, pipeline: {} })],
    host: config.HOST,
    port: config.ORDERS_PORT,
    log,
    metrics,
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await producer.disconnect();
    await pool.end();
  };
  return { stop };
});
