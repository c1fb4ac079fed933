import { stackValue } from '../../support/test-stack.ts';
import { runClosedLoop } from '../closed-loop.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import type { BenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { startRelay } from '../compare/relays/start-relay.ts';
import { countRecords } from '../count-records.ts';
import type { CpuReading } from '../cpu-meter.ts';
import { endlessOrders } from '../endless-orders.ts';
import { meterWork } from '../meter-work.ts';
import { openOrdersContext } from '../open-orders-context.ts';
import { readWal } from '../read-wal.ts';
import { streamOutbox } from '../stream-outbox.ts';
import { waitForReader } from '../wait-for-reader.ts';
import { placeOnCores } from './place-on-cores.ts';
import type { Cores } from './place-on-cores.ts';
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
  readonly cores: Cores;
  /** Committed, in so many seconds. */
  readonly orders: number;
  readonly seconds: number;
  /** Of the whole server. */
  readonly walBytes: number;
  /** Committed orders, those of the warm-up as well, whose event was not in Kafka at the end; undefined where nobody reads. */
  readonly behind: number | undefined;
}

/** Among the processes of `cpu`: the bench itself, whose connections they are. */
export const CLIENTS = 'clients';

/** None of them is looked at. */
const SKUS = 2;

/** One way on a fresh database: a warm-up that is thrown away, then what clients that never rest commit. */
export async function measureSource(
  { way, cores }: { way: SourceWay; cores: Cores },
  options: SourceOptions,
  stopping: AbortSignal,
): Promise<SourceRun> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop({ skus: SKUS });
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const pids = await startReader(way, shop, cleanup);
    const context = await openOrdersContext(shop.databases.orders, options.clients, cleanup);
    const requests = endlessOrders(options.seed);
    const work = (): Promise<unknown> => way.place(context, requests.next().value);
    cleanup.add(placeOnCores(cores, pids));
    const warmUp = await runClosedLoop({ ...options, seconds: options.warmUpSeconds, stopping }, work);
    const wal = await readWal(context.pool);
    const { result, cpu, busyElsewhere } = await meterWork({ running: pids, own: CLIENTS }, () =>
      runClosedLoop({ ...options, stopping }, work),
    );
    const walBytes = (await readWal(context.pool)) - wal;
    const committed = warmUp.done + result.done;
    return {
      way: way.name,
      cores,
      orders: result.done,
      seconds: result.seconds,
      walBytes,
      behind:
        way.reader === undefined
          ? undefined
          : committed - (await countRecords(`${shop.topicPrefix}orders.events`)),
      cpu,
      busyElsewhere,
    };
  } finally {
    await cleanup.run();
  }
}

/** Waits until it reads: what it does first is not what it costs. @returns its process, where it is none of the stack's */
async function startReader(
  { reader }: SourceWay,
  { topicPrefix, databases }: BenchShop,
  cleanup: Cleanup,
): Promise<Readonly<Record<string, number>>> {
  if (reader === 'connector') {
    const streamed = await streamOutbox('orders', databases.orders, topicPrefix);
    cleanup.add(() => streamed.stop());
    await waitForReader(databases.orders.pool, streamed.slot, true);
  }
  if (reader !== 'polling') return {};
  const relay = await startRelay('polling-main.ts', {
    databaseUrls: [databases.orders.ownerUrl],
    brokers: stackValue('KAFKA_BROKERS').split(','),
    topicPrefix,
    settings: { method: 'delete', batch: 500, intervalMs: 10 },
  });
  cleanup.add(() => relay.stop());
  return { relay: relay.pid };
}
