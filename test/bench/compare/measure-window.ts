import { stackPids } from '../bench-stack.ts';
import { cpuSeconds, machineCpuSeconds } from '../cpu-seconds.ts';
import { memoryOf } from '../memory-of.ts';
import { percentilesOf } from '../percentiles.ts';
import type { Percentiles } from '../percentiles.ts';
import { readWal } from '../read-wal.ts';
import type { Arm, RunningArm } from './arm.ts';
import type { BenchShop } from './bench-shop.ts';
import { sendOpenLoop } from './open-loop.ts';
import type { SentOrder } from './open-loop.ts';
import { planOrders } from './plan-orders.ts';
import type { Traffic } from './plan-orders.ts';
import { readApplied, readInKafka, readSettled } from './read-moments.ts';
import { readProgress, waitForOrders } from './wait-for-orders.ts';

/** Milliseconds. The first four run from the intended send; the others are the steps between. */
export interface Stages {
  readonly answered: Percentiles;
  readonly inKafka: Percentiles;
  readonly applied: Percentiles;
  readonly settled: Percentiles | undefined;
  readonly answerToKafka: Percentiles;
  readonly kafkaToApplied: Percentiles;
}

export interface MeasuredWindow {
  readonly rate: number;
  /** Accepted orders. */
  readonly orders: number;
  /** Orders that were not accepted. */
  readonly refused: number;
  /** How late the load generator itself was. */
  readonly lateMs: Percentiles;
  /**
   * Of the orders that came through. Undefined when others still waited when time was up, or were refused:
   * their latencies would be missing.
   */
  readonly stages: Stages | undefined;
  /** Orders whose stock was reserved when the wait was over. */
  readonly applied: number;
  /** Accepted orders that were not applied, and nothing moved any more. */
  readonly lost: number;
  /** Seconds by process, for all orders, until the last was through. */
  readonly cpu: Readonly<Record<string, number>> | undefined;
  /** Processors that something else kept busy meanwhile, on average: far above 0, the machine was not left alone. */
  readonly busyElsewhere: number | undefined;
  readonly walBytes: number;
  /** Megabytes by process, at the end. */
  readonly memory: Readonly<Record<string, number>> | undefined;
}

/** Among the processes of `cpu`: the bench itself, which is no part of an arm. */
export const LOAD_GENERATOR = 'load generator';

/** How long orders are waited for after the last was sent: in all, and while nothing moves. */
export interface Patience {
  readonly withinMs: number;
  readonly quietMs?: number;
}

/** Sends the traffic through an arm that runs, and waits until all of it is through. */
export async function measureWindow(
  { arm, running, shop }: { arm: Arm; running: RunningArm; shop: BenchShop },
  traffic: Traffic,
  patience: Patience = { withinMs: traffic.seconds * 1e3 + 10_000 },
): Promise<MeasuredWindow> {
  const planned = planOrders(traffic);
  const pids = { ...stackPids(), ...running.pids };
  const before = await readProgress(shop);
  const wal = await readWal(shop.databases.orders.pool);
  const cpu = readCpu(pids);
  const machine = machineCpuSeconds();
  const began = performance.now();
  const sent = await sendOpenLoop(running.ordersUrl, planned);
  const accepted = sent.filter((order): order is Accepted => order.orderId !== undefined);
  const refused = sent.length - accepted.length;
  const end = await waitForOrders(shop, {
    applied: before.applied + accepted.length,
    unsettled: before.unsettled,
    settles: arm.settles,
    ...patience,
  });
  const used = differences(cpu, readCpu(pids));
  const machineUsed = (machineCpuSeconds() ?? Number.NaN) - (machine ?? Number.NaN);
  const seconds = (performance.now() - began) / 1e3;
  const walBytes = (await readWal(shop.databases.orders.pool)) - wal;
  const { applied } = await readProgress(shop);
  return {
    rate: traffic.rate,
    orders: accepted.length,
    refused,
    lateMs: percentilesOf(sent.map(({ intendedAt, sentAt }) => sentAt - intendedAt)),
    // A rate is held only if every order is accepted.
    stages: end === 'behind' || refused > 0 ? undefined : await readStages({ arm, shop }, accepted),
    applied: applied - before.applied,
    lost: end === 'lost' ? accepted.length - (applied - before.applied) : 0,
    cpu: used,
    busyElsewhere: used && (machineUsed - sumOf(used)) / seconds,
    walBytes,
    memory: memoryOf(pids),
  };
}

type Accepted = SentOrder & { readonly orderId: string };

async function readStages(
  { arm, shop }: { arm: Arm; shop: BenchShop },
  sent: readonly Accepted[],
): Promise<Stages | undefined> {
  // In the order planned: the first was to be sent first.
  const since = (sent[0]?.intendedAt ?? 0) - 1_000;
  const { orders, inventory } = shop.databases;
  const applied = await readApplied(inventory.pool);
  const settled = arm.settles ? await readSettled(orders.pool) : undefined;
  const through = sent.filter(({ orderId }) => applied.has(orderId) && settled?.has(orderId) !== false);
  if (through.length === 0) return undefined;
  const ids = new Set(through.map(({ orderId }) => orderId));
  const inKafka = await readInKafka(`${shop.topicPrefix}orders.events`, since, ids);
  const at = (moments: ReadonlyMap<string, number>, { orderId }: Accepted): number =>
    moments.get(orderId) ?? Number.NaN;
  const over = (value: (order: Accepted) => number): Percentiles => percentilesOf(through.map(value));
  return {
    answered: over((order) => order.answeredAt - order.intendedAt),
    inKafka: over((order) => at(inKafka, order) - order.intendedAt),
    applied: over((order) => at(applied, order) - order.intendedAt),
    settled: settled && over((order) => at(settled, order) - order.intendedAt),
    answerToKafka: over((order) => at(inKafka, order) - order.answeredAt),
    kafkaToApplied: over((order) => at(applied, order) - at(inKafka, order)),
  };
}

/** This process by itself: the services are children of it. */
function readCpu(pids: Readonly<Record<string, number>>): Readonly<Record<string, number>> | undefined {
  const seconds = cpuSeconds(pids);
  const { user, system } = process.cpuUsage();
  return seconds && { ...seconds, [LOAD_GENERATOR]: (user + system) / 1e6 };
}

const sumOf = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);

function differences(
  before: Readonly<Record<string, number>> | undefined,
  after: Readonly<Record<string, number>> | undefined,
): Readonly<Record<string, number>> | undefined {
  if (before === undefined || after === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );
}
