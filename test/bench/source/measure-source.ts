import { runClosedLoop } from '../closed-loop.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import type { BenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { countRecords } from '../count-records.ts';
import type { CpuReading } from '../cpu-meter.ts';
import { endlessOrders } from '../endless-orders.ts';
import { meterWork } from '../meter-work.ts';
import { openOrdersContext } from '../open-orders-context.ts';
import { readWal } from '../read-wal.ts';
import { streamOutbox } from '../stream-outbox.ts';
import { waitForReader } from '../wait-for-reader.ts';
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

/** None of them is looked at. */
const SKUS = 2;

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
    const context = await openOrdersContext(shop.databases.orders, options.clients, cleanup);
    const requests = endlessOrders(options.seed);
    const work = (): Promise<unknown> => way.place(context, requests.next().value);
    const warmUp = await runClosedLoop({ ...options, seconds: options.warmUpSeconds, stopping }, work);
    const wal = await readWal(context.pool);
    const { result, cpu, busyElsewhere } = await meterWork({ own: CLIENTS }, () =>
      runClosedLoop({ ...options, stopping }, work),
    );
    const walBytes = (await readWal(context.pool)) - wal;
    const committed = warmUp.done + result.done;
    return {
      way: way.name,
      orders: result.done,
      seconds: result.seconds,
      walBytes,
      behind: way.streams ? committed - (await countRecords(`${shop.topicPrefix}orders.events`)) : undefined,
      cpu,
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
  await waitForReader(databases.orders.pool, streamed.slot, true);
}
