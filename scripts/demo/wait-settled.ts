import { setTimeout as delay } from 'node:timers/promises';
import type { DemoDatabases } from './demo-databases.ts';
import { findMissing, readEvents } from './find-lost-events.ts';

const ASK_EVERY_MS = 500;
/** Only standing still ends the wait: a killed broker or worker may take most of a minute to be back. */
const GIVE_UP_WITHOUT_PROGRESS_MS = 120_000;

export interface OrderCounts {
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly placed: number;
}

/** Counts these orders by status; one that is not in the table is in no count. */
export async function countOrders(
  databases: DemoDatabases,
  orderIds: readonly string[],
): Promise<OrderCounts> {
  const { rows } = await databases.orders.query<OrderCounts>({
    name: 'demo_count_orders',
    text: `
      select count(*) filter (where status = 'CONFIRMED') as confirmed,
             count(*) filter (where status = 'REJECTED') as rejected,
             count(*) filter (where status = 'CANCELLED') as cancelled,
             count(*) filter (where status = 'PLACED') as placed
      from orders.orders where order_id = any($1::uuid[])`,
    values: [orderIds],
  });
  return rows[0] ?? { confirmed: 0, rejected: 0, cancelled: 0, placed: 0 };
}

/** Waits until each order is confirmed, rejected or cancelled, or nothing has moved for two minutes. */
export async function waitUntilSettled(
  databases: DemoDatabases,
  orderIds: readonly string[],
  onProgress: (settled: number) => void,
): Promise<void> {
  await untilZero(async () => {
    const { confirmed, rejected, cancelled } = await countOrders(databases, orderIds);
    const settled = confirmed + rejected + cancelled;
    onProgress(settled);
    return orderIds.length - settled;
  });
}

/** Waits until every event since then is recorded at every consumer of its topic, or nothing has moved for two minutes. */
export async function waitUntilArrived(databases: DemoDatabases, since: Date): Promise<void> {
  await untilZero(async () => (await findMissing(databases, await readEvents(databases, since))).length);
}

/** A database that is being started again is asked again, like anything that has not moved. */
async function untilZero(left: () => Promise<number>): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY;
  let movedAt = Date.now();
  for (;;) {
    const now = await left().catch(() => fewest);
    if (now === 0) return;
    if (now < fewest) {
      fewest = now;
      movedAt = Date.now();
    }
    if (Date.now() - movedAt > GIVE_UP_WITHOUT_PROGRESS_MS) return;
    await delay(ASK_EVERY_MS);
  }
}
