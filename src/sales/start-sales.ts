import { consumerCheck } from '../consumer/consumer-check.ts';
import { countBatches } from '../consumer/count-batches.ts';
import { heldKeysCheck } from '../consumer/held-keys-check.ts';
import { runConsumer, type RunningConsumer } from '../consumer/run-consumer.ts';
import { ordersEvents } from '../contracts/orders-events.ts';
import { createDecoder } from '../events/decoder.ts';
import { writerSchemasFrom } from '../events/registry.ts';
import { systemClock } from '../platform/clock.ts';
import { healthRoutes } from '../platform/http/health-routes.ts';
import { type HttpServer, startHttpServer } from '../platform/http/http-server.ts';
import { createHttpMetrics, type HttpMetrics } from '../platform/http/metrics.ts';
import { withOpenApi } from '../platform/http/open-api.ts';
import { postgresCheck } from '../platform/http/pipeline-checks.ts';
import { createKafka } from '../platform/kafka/kafka-client.ts';
import type { Running } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import { createPool, type Pool } from '../platform/postgres/pool.ts';
import { type Tracing, tracingOff } from '../platform/tracing/tracing.ts';
import { salesRoutes } from './http/sales-routes.ts';
import type { SalesConfig } from './sales-config.ts';
import { salesConsumer } from './sales-consumer.ts';

/**
 * Starts the read model: the consumer of orders.events, and HTTP to read what it counted. Answers with Kafka down; `failed`
 * rejects when the consumer has stopped for good.
 */
export async function startSales(
  config: SalesConfig,
  log: Log,
  tracing: Tracing = tracingOff,
): Promise<Running & { readonly port: number }> {
  const pool = createPool({ connectionString: config.databaseUrl, applicationName: 'sales', log });
  const metrics = createHttpMetrics('sales');
  const consumer = await runConsumer({
    consumer: salesConsumer,
    kafka: createKafka({ ...config.kafka, clientId: 'sales', log }),
    pool,
    decoder: createDecoder({
      events: ordersEvents.events,
      writerSchema: writerSchemasFrom(config.registry),
    }),
    log,
    tracing,
    clock: systemClock,
    topicPrefix: config.topicPrefix,
    ...countBatches(metrics.registry),
  });
  const stopReading = async (): Promise<void> => {
    await consumer.stop();
    await pool.end();
  };
  try {
    const server = await startServer(config, { pool, consumer, metrics, log, tracing });
    const stop = async (): Promise<void> => {
      await Promise.all([server.close(), consumer.stop()]);
      await stopReading();
    };
    return { port: server.port, failed: consumer.failed, stop };
  } catch (error) {
    await stopReading();
    throw error;
  }
}

function startServer(
  { host, port }: SalesConfig,
  {
    pool,
    consumer,
    metrics,
    log,
    tracing,
  }: {
    readonly pool: Pool;
    readonly consumer: RunningConsumer;
    readonly metrics: HttpMetrics;
    readonly log: Log;
    readonly tracing: Tracing;
  },
): Promise<HttpServer> {
  const routes = withOpenApi({ title: 'Sales', version: '1', description: 'Sales by country and day.' }, [
    ...salesRoutes(pool),
    ...healthRoutes({
      metrics,
      ready: { postgres: postgresCheck(pool) },
      pipeline: {
        consumer: consumerCheck(() => consumer),
        held: heldKeysCheck(pool, { consumer: salesConsumer.name, topic: ordersEvents.name }, systemClock),
      },
    }),
  ]);
  return startHttpServer({ routes, host, port, log, metrics, tracing });
}
