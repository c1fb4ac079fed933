import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import type { OrdersContext } from '../../../src/orders/orders-context.ts';
import type { PlaceOrder } from '../../../src/orders/place-orders.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { readTopicEnds } from '../../../src/platform/kafka/read-topic-ends.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { traceparentOf } from '../../../src/platform/tracing/traceparent.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testKafka } from '../../support/test-stack.ts';
import { orderStream } from '../apply/order-stream.ts';
import { runClosedLoop } from '../closed-loop.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import type { BenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { CpuMeter } from '../cpu-meter.ts';
import type { CpuReading } from '../cpu-meter.ts';
import { readWal } from '../read-wal.ts';
import { streamOutbox } from '../stream-outbox.ts';
import type { SourceWay } from './source-ways.ts';

export interface SourceOptions {
  /** Connections of this one process, each with its next order as soon as the last is committed. */
  readonly clients: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly seed: number;
}

export interface SourceRun extends CpuReading {
  readonly way: SourceWay['name'];
  /** Committed, in so many seconds. */
  readonly orders: number;
  readonly seconds: number;
  /** Of the whole server. */
  readonly walBytes: number;
  /** Committed orders, those of the warm-up as well, whose event was not in Kafka at the end; undefined where nobody streams. */
  readonly behind: number | undefined;
}

/** Among the processes of `cpu`: the bench itself, whose connections they are. */
export const CLIENTS = 'clients';

const CUSTOMERS = 30_000;
const SKUS = 1_000;

/** One way on a fresh database: a warm-up that is thrown away, then what clients that never rest commit. */
export async function measureSource(
  way: SourceWay,
  options: SourceOptions,
  stopping: AbortSignal,
): Promise<SourceRun> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop({ skus: SKUS });
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    if (way.streams) await stream(shop, cleanup);
    const context = await openContext(shop, options.clients, cleanup);
    const requests = endlessOrders(options.seed);
    const work = (): Promise<unknown> => way.place(context, requests.next().value);
    const warmUp = await runClosedLoop({ ...options, seconds: options.warmUpSeconds, stopping }, work);
    const wal = await readWal(context.pool);
    const meter = new CpuMeter();
    const own = process.cpuUsage();
    const { done, seconds } = await runClosedLoop({ ...options, stopping }, work);
    const { user, system } = process.cpuUsage(own);
    const { cpu, busyElsewhere } = meter.read({});
    return {
      way: way.name,
      orders: done,
      seconds,
      walBytes: (await readWal(context.pool)) - wal,
      behind: way.streams ? warmUp.done + done - (await countInKafka(shop)) : undefined,
      cpu: cpu && { ...cpu, [CLIENTS]: (user + system) / 1e6 },
      busyElsewhere,
    };
  } finally {
    await cleanup.run();
  }
}

/** Waits until it reads: what the connector does first is not what it costs. */
async function stream({ topicPrefix, databases }: BenchShop, cleanup: Cleanup): Promise<void> {
  const streamed = await streamOutbox('orders', databases.orders, topicPrefix);
  cleanup.add(() => streamed.stop());
  const isActive = {
    text: 'select from pg_replication_slots where slot_name = $1 and active',
    values: [streamed.slot],
  };
  await waitUntil(async () => (await databases.orders.pool.query(isActive)).rowCount > 0, {
    timeoutMs: 60_000,
    what: `somebody to read from slot ${streamed.slot}`,
  });
}

/** As the order service makes it, but with a connection for each client. */
async function openContext(
  { databases }: BenchShop,
  clients: number,
  cleanup: Cleanup,
): Promise<OrdersContext> {
  const pool = createPool({
    connectionString: databases.orders.appUrl,
    applicationName: 'bench-source',
    log: silentLog,
    max: clients,
  });
  cleanup.add(() => pool.end());
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  return { pool, encoder, clock: systemClock, newId: () => v7() };
}

function* endlessOrders(seed: number): Generator<PlaceOrder, never> {
  const many = { orders: Number.MAX_SAFE_INTEGER, customers: CUSTOMERS, skus: SKUS, seed };
  for (const { payload } of orderStream(many, { newId: () => '', placedAt: 0 })) {
    const { customerId, country, currency, lines } = payload;
    yield {
      order: { customerId, country, currency, lines, reference: null },
      traceparent: traceparentOf(undefined),
    };
  }
  throw new Error('Nobody lives to see this.');
}

async function countInKafka({ topicPrefix }: BenchShop): Promise<number> {
  const topic = `${topicPrefix}orders.events`;
  const ends = (await readTopicEnds(testKafka(), [topic])).get(topic);
  return [...(ends?.values() ?? [])].reduce((sum, end) => sum + end, 0);
}
