import { stackPids, unlessStopped } from '../bench-stack.ts';
import type { Arm, RunningArm } from '../compare/arm.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import type { BenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { sendOpenLoop } from '../compare/open-loop.ts';
import { planOrders } from '../compare/plan-orders.ts';
import { readApplied, readInKafka } from '../compare/read-moments.ts';
import { readProgress, waitForOrders } from '../compare/wait-for-orders.ts';
import { orderStream } from '../apply/order-stream.ts';
import { cpuSeconds } from '../cpu-seconds.ts';
import { rateOf } from './rate-of.ts';
import { sendBulk } from './send-bulk.ts';

export interface DrainOptions {
  readonly orders: number;
  readonly seed: number;
}

export interface Drain {
  readonly arm: string;
  /** How many waited. */
  readonly orders: number;
  /** Orders a second of POST /orders/bulk, nothing else running. */
  readonly bulkPerSecond: number;
  /** OrderPlaced events a second into Kafka, from the first to the last, by the broker's clock. */
  readonly eventsPerSecond: number;
  /** Orders a second applied, from the first commit to the last. */
  readonly appliedPerSecond: number;
  /** From the word to go on until all was applied; a connector's task has to start first. */
  readonly seconds: number;
  /** Microseconds an order, by process, from the word to go on until all was settled. */
  readonly cpuMicros: Readonly<Record<string, number>> | undefined;
}

const SHOP = { customers: 30_000, skus: 1_000 };
const GIVE_UP_AFTER_MS = 900_000;

/** Stops the relay, takes orders in bulk, lets the relay go on, and times until all is applied. */
export async function measureDrain(arm: Arm, options: DrainOptions, stopping: AbortSignal): Promise<Drain> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop(SHOP);
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const running = await arm.start(shop);
    cleanup.add(() => running.stop());
    return await unlessStopped(stopping, drain({ arm, shop, running }, options));
  } finally {
    await cleanup.run();
  }
}

interface Place {
  readonly arm: Arm;
  readonly shop: BenchShop;
  readonly running: RunningArm;
}

async function drain({ arm, shop, running }: Place, { orders, seed }: DrainOptions): Promise<Drain> {
  const warmUp = planOrders({ ...SHOP, rate: 200, seconds: 5, seed });
  await sendOpenLoop(running.ordersUrl, warmUp);
  const { pool } = shop.databases.inventory;
  const warmedUp = await waitForOrders(shop, {
    applied: warmUp.length,
    unsettled: 0,
    settles: arm.settles,
    withinMs: GIVE_UP_AFTER_MS,
    quietMs: 30_000,
  });
  if (warmedUp !== 'through') throw new Error(`The warm-up did not come through: ${warmedUp}.`);
  const before = new Set((await readApplied(pool)).keys());
  await running.pauseRelay();
  const bulkPerSecond = await fill(running, { orders, seed });
  const pids = { ...stackPids(), ...running.pids };
  const cpu = cpuSeconds(pids);
  const began = Date.now();
  await running.resumeRelay();
  const { unsettled } = await readProgress(shop);
  const end = await waitForOrders(shop, {
    applied: before.size + orders,
    unsettled: unsettled - orders,
    settles: arm.settles,
    withinMs: GIVE_UP_AFTER_MS,
    quietMs: 30_000,
  });
  if (end !== 'through') throw new Error(`Not all of ${orders} orders came through: ${end}.`);
  const used = cpuSeconds({ ...pids, ...running.pids });
  const applied = [...(await readApplied(pool))].filter(([id]) => !before.has(id));
  const ids = new Set(applied.map(([id]) => id));
  const inKafka = await readInKafka(`${shop.topicPrefix}orders.events`, began - 1_000, ids);
  const commits = applied.map(([, at]) => at);
  return {
    arm: arm.name,
    orders,
    bulkPerSecond,
    eventsPerSecond: rateOf([...inKafka.values()]),
    appliedPerSecond: rateOf(commits),
    seconds: (largest(commits) - began) / 1e3,
    cpuMicros:
      used &&
      Object.fromEntries(
        Object.entries(used).map(([name, seconds]) => [
          name,
          ((seconds - (cpu?.[name] ?? 0)) * 1e6) / orders,
        ]),
      ),
  };
}

async function fill(running: RunningArm, { orders, seed }: DrainOptions): Promise<number> {
  const stream = orderStream({ ...SHOP, orders, seed: seed + 1 }, { newId: () => '', placedAt: 0 });
  const bodies = [...stream].map(({ payload: { customerId, country, currency, lines } }) =>
    JSON.stringify({ customerId, country, currency, lines }),
  );
  const began = performance.now();
  const accepted = await sendBulk(running.ordersUrl, bodies);
  const seconds = (performance.now() - began) / 1e3;
  if (accepted !== orders) throw new Error(`Of ${orders} orders in bulk ${accepted} were accepted.`);
  return orders / seconds;
}

// Not Math.max(...): a call takes only so many arguments.
const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), -Infinity);
