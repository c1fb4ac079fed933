import { consumerCheck } from '../consumer/consumer-check.ts';
import { countBatches } from '../consumer/count-batches.ts';
import { heldKeysCheck } from '../consumer/held-keys-check.ts';
import { runConsumer, type RunningConsumer } from '../consumer/run-consumer.ts';
import { inventoryEvents } from '../contracts/inventory-events.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { probeEvents } from '../contracts/probe-events.ts';
import { createDecoder } from '../events/decoder.ts';
import { createEncoder, type Encoder } from '../events/encoder.ts';
import { writerSchemasFrom } from '../events/registry.ts';
import { countAppended } from '../outbox/count-appended.ts';
import { keepOutboxMaintained } from '../outbox/keep-outbox-maintained.ts';
import type { Probing } from '../operate/probe/keep-probing.ts';
import { measureProbes } from '../operate/probe/probe-metrics.ts';
import { startProbing } from '../operate/probe/start-probing.ts';
import { loadEventSchemas } from '../outbox/load-event-schemas.ts';
import { systemClock } from '../platform/clock.ts';
import { healthRoutes } from '../platform/http/health-routes.ts';
import { type HttpServer, startHttpServer } from '../platform/http/http-server.ts';
import { createHttpMetrics, type HttpMetrics } from '../platform/http/metrics.ts';
import { withOpenApi } from '../platform/http/open-api.ts';
import { postgresCheck, replicationSlotCheck } from '../platform/http/pipeline-checks.ts';
import { createKafka } from '../platform/kafka/kafka-client.ts';
import type { Running } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import { createPool, type Pool } from '../platform/postgres/pool.ts';
import { waitForDatabase } from '../platform/postgres/wait-for-database.ts';
import { type Tracing, tracingOff } from '../platform/tracing/tracing.ts';
import { stockRoutes } from './http/stock-routes.ts';
import type { InventoryConfig } from './inventory-config.ts';
import { createInventoryConsumer } from './inventory-consumer.ts';

/**
 * Starts the inventory: HTTP for stock, and the consumer of orders.events. Needs only Postgres to start and to answer; the
 * consumer begins as soon as Kafka and the registry are there, and goes on after they were away. `failed` rejects when it
 * has stopped for good. Nothing is kept in memory between two batches, so the process may die at any line.
 */
export async function startInventory(
  config: InventoryConfig,
  log: Log,
  tracing: Tracing = tracingOff,
): Promise<Running & { readonly port: number }> {
  // Pools of their own: a full house at the door must not starve the consumer, nor the other way round.
  const pool = openPool(config, 'inventory', 10, log);
  const consumerPool = openPool(config, 'inventory-consumer', 5, log);
  const stops: (() => Promise<unknown>)[] = [() => Promise.all([pool.end(), consumerPool.end()])];
  // The last one started is the first to stop: a batch in hand still has its pool.
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    await waitForDatabase(pool, 'INVENTORY_DATABASE_URL', log);
    const metrics = createHttpMetrics('inventory');
    const encoder = createEncoder(
      await loadEventSchemas(pool, Object.values(inventoryEvents.events)),
      countAppended(metrics.registry),
    );
    stops.push(keepOutboxMaintained(pool, config.slot, log));
    const consumer = await startConsumer(config, { pool: consumerPool, log, tracing }, encoder, metrics);
    stops.push(() => consumer.stop());
    const probing = startInventoryProbing(config, pool, encoder, log);
    if (probing !== undefined) {
      measureProbes(metrics.registry, probing);
      stops.push(() => probing.stop());
    }
    const server = await startServer({ config, pool, encoder, consumer, probing, metrics, log, tracing });
    // Side by side: together they must stay below the time that a stop may take.
    stops.push(() => Promise.all([server.close(), consumer.stop()]));
    return { port: server.port, failed: consumer.failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const openPool = (config: InventoryConfig, applicationName: string, max: number, log: Log): Pool =>
  createPool({ connectionString: config.databaseUrl, applicationName, max, log });

function startConsumer(
  config: InventoryConfig,
  parts: { readonly pool: Pool; readonly log: Log; readonly tracing: Tracing },
  encoder: Encoder,
  metrics: HttpMetrics,
): Promise<RunningConsumer> {
  return runConsumer({
    consumer: createInventoryConsumer(encoder),
    kafka: createKafka({ ...config.kafka, clientId: 'inventory', log: parts.log }),
    ...parts,
    decoder: createDecoder({
      events: ordersEvents.events,
      writerSchema: writerSchemasFrom(config.registry),
    }),
    clock: systemClock,
    topicPrefix: config.topicPrefix,
    ...countBatches(metrics.registry),
  });
}

const startInventoryProbing = (config: InventoryConfig, pool: Pool, encoder: Encoder, log: Log) =>
  startProbing({
    service: 'inventory',
    access: config.kafka,
    topicPrefix: config.topicPrefix,
    probe: probeEvents.events.ProbeSent,
    slot: config.slot,
    everyMs: config.probeEveryMs,
    ...{ pool, encoder, log },
  });

interface ServerParts {
  readonly config: InventoryConfig;
  readonly pool: Pool;
  readonly encoder: Encoder;
  readonly consumer: RunningConsumer;
  readonly probing: Probing | undefined;
  readonly metrics: HttpMetrics;
  readonly log: Log;
  readonly tracing: Tracing;
}

function startServer(parts: ServerParts): Promise<HttpServer> {
  const { pool, encoder, consumer, probing, metrics, log, tracing } = parts;
  const { host, port, slot } = parts.config;
  const routes = withOpenApi(
    {
      title: 'Inventory',
      version: '1',
      description: 'Stock on hand and reserved. What changes it is said on inventory.events.',
    },
    [
      ...stockRoutes({ pool, encoder, clock: systemClock }),
      ...healthRoutes({
        metrics,
        ready: { postgres: postgresCheck(pool) },
        pipeline: {
          consumer: consumerCheck(() => consumer),
          held: heldKeysCheck(pool, { consumer: 'inventory', topic: ordersEvents.name }, systemClock),
          outbox: replicationSlotCheck(pool, slot),
          ...(probing === undefined ? {} : { probe: () => probing.check() }),
        },
      }),
    ],
  );
  return startHttpServer({ routes, host, port, log, metrics, tracing });
}
