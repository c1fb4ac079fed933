import { v7 } from 'uuid';
import { consumerCheck } from '../consumer/consumer-check.ts';
import { countBatches } from '../consumer/count-batches.ts';
import { heldKeysCheck } from '../consumer/held-keys-check.ts';
import { type RunningConsumer, runConsumer } from '../consumer/run-consumer.ts';
import { inventoryEvents } from '../contracts/inventory-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { probeEvents } from '../contracts/probe-events.ts';
import { createDecoder } from '../events/decoder.ts';
import { createEncoder } from '../events/encoder.ts';
import { writerSchemasFrom } from '../events/registry.ts';
import { countAppended } from '../outbox/count-appended.ts';
import { keepOutboxMaintained } from '../outbox/keep-outbox-maintained.ts';
import type { Probing } from '../operate/probe/keep-probing.ts';
import { measureProbes } from '../operate/probe/probe-metrics.ts';
import { startProbing } from '../operate/probe/start-probing.ts';
import { loadEventSchemas } from '../outbox/load-event-schemas.ts';
import { systemClock } from '../platform/clock.ts';
import { startHttpServer } from '../platform/http/http-server.ts';
import { createHttpMetrics, type HttpMetrics } from '../platform/http/metrics.ts';
import { postgresCheck, replicationSlotCheck } from '../platform/http/pipeline-checks.ts';
import { createKafka } from '../platform/kafka/kafka-client.ts';
import type { Running } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import { createPool, type Pool } from '../platform/postgres/pool.ts';
import { waitForDatabase } from '../platform/postgres/wait-for-database.ts';
import { type Tracing, tracingOff } from '../platform/tracing/tracing.ts';
import { ordersRoutes } from './http/orders-routes.ts';
import { keepAnswersPurged } from './purge-answers.ts';
import type { OrdersConfig } from './orders-config.ts';
import { ordersConsumer } from './orders-consumer.ts';
import type { OrdersContext } from './orders-context.ts';
import { SettlementWatch } from './settlement-watch.ts';
import { findSettledOrderIds } from './sql/find-settled-order-ids.ts';

/**
 * Starts the order service. It needs Postgres; Kafka and the registry may be away: orders are accepted all the same, and
 * the consumer goes on when they are back. `failed` rejects when the consumer has stopped for good.
 */
export async function startOrders(
  config: OrdersConfig,
  log: Log,
  tracing: Tracing = tracingOff,
): Promise<Running & { readonly port: number }> {
  // Pools of their own: a full house at the door must not starve the consumer, nor the other way round.
  const pool = createOrdersPool(config, log, 'orders', 10);
  const consumerPool = createOrdersPool(config, log, 'orders-consumer', 5);
  const endPools = async (): Promise<void> => {
    await Promise.all([pool.end(), consumerPool.end()]);
  };
  try {
    const metrics = createHttpMetrics('orders');
    const context = await createContext(pool, { log, metrics });
    const service = await startService(config, log, context, { consumerPool, tracing, metrics });
    const housekeeping = [keepOutboxMaintained(pool, config.ORDERS_SLOT, log), keepAnswersPurged(pool, log)];
    return {
      port: service.port,
      failed: service.failed,
      stop: async () => {
        await Promise.all([service.stop(), ...housekeeping.map((stop) => stop())]);
        await endPools();
      },
    };
  } catch (error) {
    await endPools();
    throw error;
  }
}

function createOrdersPool(config: OrdersConfig, log: Log, applicationName: string, max: number): Pool {
  return createPool({ connectionString: config.ORDERS_DATABASE_URL, applicationName, log, max });
}

async function createContext(
  pool: Pool,
  { log, metrics }: { readonly log: Log; readonly metrics: HttpMetrics },
): Promise<OrdersContext> {
  await waitForDatabase(pool, 'ORDERS_DATABASE_URL', log);
  const schemas = await loadEventSchemas(pool, Object.values(ordersEvents.events));
  const encoder = createEncoder(schemas, countAppended(metrics.registry));
  return { pool, encoder, clock: systemClock, newId: () => v7() };
}

/** HTTP first: whether Kafka is there does not matter to a customer. */
async function startService(
  config: OrdersConfig,
  log: Log,
  context: OrdersContext,
  {
    consumerPool,
    tracing,
    metrics,
  }: { readonly consumerPool: Pool; readonly tracing: Tracing; readonly metrics: HttpMetrics },
) {
  const { pool } = context;
  const watch = new SettlementWatch({ findSettled: (orderIds) => findSettledOrderIds(pool, orderIds) });
  const count = countBatches(metrics.registry);
  let consumer: RunningConsumer | undefined = undefined; // until it runs, /healthz/pipeline is red
  let probing: Probing | undefined = undefined;
  const health = {
    metrics,
    ready: { postgres: postgresCheck(pool) },
    pipeline: {
      slot: replicationSlotCheck(pool, config.ORDERS_SLOT),
      consumer: consumerCheck(() => consumer),
      held: heldKeysCheck(pool, { consumer: 'orders', topic: inventoryEvents.name }, systemClock),
      ...(config.PROBE_EVERY_MS === 0 ? {} : { probe: () => probing?.check() ?? NOT_STARTED }),
    },
  };
  const server = await startHttpServer({
    routes: ordersRoutes(context, watch, health),
    host: config.HOST,
    port: config.ORDERS_PORT,
    log,
    metrics,
    tracing,
  });
  const running = await startConsumer(config, log, context, { pool: consumerPool, count, watch, tracing });
  consumer = running;
  const started = (probing = startOrdersProbing(config, log, context));
  if (started !== undefined) measureProbes(metrics.registry, started);
  const stop = async (): Promise<void> => {
    await Promise.all([server.close(), running.stop(), started?.stop()]);
  };
  return { port: server.port, failed: running.failed, stop };
}

/** Whoever waits for an order to settle is told after each batch and each drain. */
function startConsumer(
  config: OrdersConfig,
  log: Log,
  context: OrdersContext,
  {
    count,
    watch,
    ...parts
  }: {
    pool: Pool;
    tracing: Tracing;
    count: ReturnType<typeof countBatches>;
    watch: SettlementWatch;
  },
): Promise<RunningConsumer> {
  return runConsumer({
    consumer: ordersConsumer(context.encoder),
    kafka: createKafka({ ...config.kafka, clientId: 'orders', log }),
    ...parts,
    decoder: createDecoder({
      events: inventoryEvents.events,
      writerSchema: writerSchemasFrom(config.registry),
    }),
    log,
    clock: context.clock,
    topicPrefix: config.TOPIC_PREFIX,
    ...count,
    onBatch: (report) => {
      count.onBatch(report);
      watch.lookNow();
    },
    onDrain: (report) => {
      count.onDrain(report);
      watch.lookNow();
    },
  });
}

const NOT_STARTED = { ok: true, detail: 'no probe has been sent yet' };

const startOrdersProbing = (config: OrdersConfig, log: Log, { pool, encoder }: OrdersContext) =>
  startProbing({
    service: 'orders',
    access: config.kafka,
    topicPrefix: config.TOPIC_PREFIX,
    probe: probeEvents.events.ProbeSent,
    slot: config.ORDERS_SLOT,
    everyMs: config.PROBE_EVERY_MS,
    ...{ pool, encoder, log },
  });
