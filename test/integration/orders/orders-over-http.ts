import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { ordersRoutes } from '../../../src/orders/http/orders-routes.ts';
import type { OrdersContext } from '../../../src/orders/orders-context.ts';
import { SettlementWatch } from '../../../src/orders/settlement-watch.ts';
import { findSettledOrderIds } from '../../../src/orders/sql/find-settled-order-ids.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { startHttpServer } from '../../../src/platform/http/http-server.ts';
import { createHttpMetrics } from '../../../src/platform/http/metrics.ts';
import { postgresCheck } from '../../../src/platform/http/pipeline-checks.ts';
import type { Route } from '../../../src/platform/http/route.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** The order service without Kafka: its routes on a database of their own. */
export interface OrdersOverHttp {
  readonly url: string;
  readonly database: TestDatabase;
  readonly context: OrdersContext;
  readonly watch: SettlementWatch;
  readonly routes: readonly Route[];
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Empties every table: cheaper than a new database for each test. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOrdersOverHttp(): Promise<OrdersOverHttp> {
  const database = await createTestDatabase('orders');
  const { pool } = database;
  const owner = createPool({
    connectionString: database.ownerUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  const context: OrdersContext = { pool, encoder, clock: systemClock, newId: () => v7() };
  const watch = new SettlementWatch({ findSettled: (ids) => findSettledOrderIds(pool, ids), everyMs: 20 });
  const metrics = createHttpMetrics('orders');
  const routes = ordersRoutes(context, watch, {
    metrics,
    ready: { postgres: postgresCheck(pool) },
    pipeline: {},
  });
  const server = await startHttpServer({ routes, host: '127.0.0.1', port: 0, log: silentLog, metrics });
  const url = `http://127.0.0.1:${server.port}`;
  const call = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  };
  return {
    url,
    database,
    context,
    watch,
    routes,
    get: (path) => call(path),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    empty: async () => {
      await owner.query({
        text: 'truncate orders.orders, orders.returns, orders.idempotency_keys, pipeline.outbox, pipeline.outbox_keys',
      });
    },
    stop: async () => {
      await server.close();
      await owner.end();
      await database.drop();
    },
  };
}

export const anOrder = {
  customerId: 'c1',
  country: 'United Kingdom',
  lines: [
    { sku: 'A', quantity: 2, unitPriceMinor: 150 },
    { sku: 'B', quantity: 1, unitPriceMinor: 99 },
  ],
};

export interface OutboxRow {
  readonly type: string;
  readonly key: string;
  readonly keySeq: number;
  readonly aggregateId: string;
  readonly traceparent: string | null;
}

/** What the service has said, in commit order. */
export async function outboxOf({ database }: OrdersOverHttp): Promise<OutboxRow[]> {
  const { rows } = await database.pool.query<OutboxRow>({
    text: `
      select event_type as type, partition_key as key, key_seq as "keySeq", aggregate_id as "aggregateId", traceparent
      from pipeline.outbox order by id`,
  });
  return rows;
}
