import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testConnect } from '../../support/test-stack.ts';
import { unlessStopped } from '../bench-stack.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { readInKafka } from '../compare/read-moments.ts';
import { countRecords } from '../count-records.ts';
import { rateOf } from '../drain/rate-of.ts';
import { meterWork } from '../meter-work.ts';
import { openOrdersContext } from '../open-orders-context.ts';
import { streamOutbox } from '../stream-outbox.ts';
import { waitForReader } from '../wait-for-reader.ts';
import { COMMIT_CLIENTS, commitOrders } from './commit-orders.ts';
import type { Stage, StageFigures, StageOptions } from './stage.ts';

export const debeziumStage: Stage = {
  name: 'debezium',
  describes:
    'the connector works off a backlog, one order a transaction, from the first record to the last by the broker’s clock; nobody consumes. ' +
    'Its CPU is that of its start, too',
  measure: measureDebezium,
};

/** Through Connect, so that it has an offset to go on from: without one it would read the table instead of the log. */
const WARM_UP_ORDERS = 5_000;

async function measureDebezium({ orders, seed }: StageOptions, stopping: AbortSignal): Promise<StageFigures> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop({ skus: 2 });
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const database = shop.databases.orders;
    const topic = `${shop.topicPrefix}orders.events`;
    const streamed = await streamOutbox('orders', database, shop.topicPrefix);
    cleanup.add(() => streamed.stop());
    await waitForReader(database.pool, streamed.slot, true);
    const context = await openOrdersContext(database, COMMIT_CLIENTS, cleanup);
    await commitOrders(context, { orders: WARM_UP_ORDERS, seed }, stopping);
    await unlessStopped(stopping, waitForRecords(topic, WARM_UP_ORDERS));
    const connect = testConnect();
    await connect.stop(streamed.name);
    await waitForReader(database.pool, streamed.slot, false);
    const [before, warmedUp] = [await countRecords(topic), await readOrderIds(database.pool)];
    await commitOrders(context, { orders, seed: seed + 1 }, stopping);
    const began = Date.now();
    const { cpu, busyElsewhere } = await meterWork({}, async () => {
      await connect.resume(streamed.name);
      await unlessStopped(stopping, waitForRecords(topic, before + orders));
    });
    const ids = (await readOrderIds(database.pool)).difference(warmedUp);
    const inKafka = await unlessStopped(stopping, readInKafka(topic, began - 1_000, ids));
    return { perSecond: rateOf([...inKafka.values()]), events: orders, cpu, busyElsewhere };
  } finally {
    await cleanup.run();
  }
}

async function waitForRecords(topic: string, records: number): Promise<void> {
  await waitUntil(async () => (await countRecords(topic)) >= records, {
    timeoutMs: 300_000,
    everyMs: 250,
    what: `${records} records in ${topic}`,
  });
}

async function readOrderIds(orders: Queryable): Promise<Set<string>> {
  const { rows } = await orders.query<{ id: string }>({
    name: 'bench_read_order_ids',
    text: 'select order_id as id from orders.orders',
  });
  return new Set(rows.map(({ id }) => id));
}
