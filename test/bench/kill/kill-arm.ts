import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { readTopic } from '../../support/read-topic.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import type { Arm } from '../compare/arm.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { sendOpenLoop } from '../compare/open-loop.ts';
import { planOrders } from '../compare/plan-orders.ts';

export interface KillOptions {
  readonly kills: number;
  readonly rate: number;
  readonly seed: number;
}

export interface KilledArm {
  readonly arm: string;
  readonly sent: number;
  readonly acknowledged: number;
  /** Orders in the database. */
  readonly stored: number;
  /** Orders in the database of which no event is in Kafka, nor will be. */
  readonly lost: number;
  /** Events in Kafka of an order that does not exist. */
  readonly invented: number;
}

const SECONDS_A_ROUND = 3;
const SHOP = { customers: 30_000, skus: 1_000 };

/** Takes orders, kills the service that takes them in the middle, starts it again; so many times. Then counts. */
export async function killArm(
  arm: Arm,
  { kills, rate, seed }: KillOptions,
  stopping: AbortSignal,
): Promise<KilledArm> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop(SHOP);
    cleanup.add(() => shop.remove());
    const running = await arm.start(shop);
    cleanup.add(() => running.stop());
    const random = seededRandom(seed);
    let [sent, acknowledged] = [0, 0];
    for (let kill = 0; kill < kills; kill += 1) {
      stopping.throwIfAborted();
      const planned = planOrders({ ...SHOP, rate, seconds: SECONDS_A_ROUND, seed: seed + kill });
      const sending = sendOpenLoop(running.ordersUrl, planned);
      await delay((1 + random()) * 1_000);
      await running.killOrders();
      const answers = await sending;
      sent += answers.length;
      acknowledged += answers.filter(({ orderId }) => orderId !== undefined).length;
      await running.restartOrders();
    }
    const { pool } = shop.databases.orders;
    const counted = await countLost(pool, `${shop.topicPrefix}orders.events`);
    return { arm: arm.name, sent, acknowledged, ...counted };
  } finally {
    await cleanup.run();
  }
}

/** A relay may still be on its way: what is missing counts only when nothing has come for a while. */
async function countLost(
  orders: Queryable,
  topic: string,
): Promise<Pick<KilledArm, 'stored' | 'lost' | 'invented'>> {
  const { rows } = await orders.query<{ id: string }>({
    name: 'bench_read_orders',
    text: 'select order_id as id from orders.orders',
  });
  const stored = new Set(rows.map(({ id }) => id));
  let told = await readTold(topic);
  for (let quiet = 0; quiet < 5 && !stored.isSubsetOf(told); quiet += 1) {
    await delay(2_000);
    const now = await readTold(topic);
    if (now.size > told.size) quiet = 0;
    told = now;
  }
  return {
    stored: stored.size,
    lost: stored.difference(told).size,
    invented: told.difference(stored).size,
  };
}

async function readTold(topic: string): Promise<Set<string>> {
  const records = await readTopic(topic);
  return new Set(
    records.flatMap(({ headers }) =>
      headers['eventType'] === 'OrderPlaced' ? (headers['aggregateId'] ?? []) : [],
    ),
  );
}
