import { setTimeout as delay } from 'node:timers/promises';
import type { BenchShop } from './bench-shop.ts';

export interface Progress {
  readonly applied: number;
  readonly unsettled: number;
}

export async function readProgress({ databases: { orders, inventory } }: BenchShop): Promise<Progress> {
  const [applied, unsettled] = await Promise.all([
    inventory.pool.query<{ count: number }>({
      name: 'bench_count_reservations',
      text: 'select count(*) from inventory.reservations',
    }),
    orders.pool.query<{ count: number }>({
      name: 'bench_count_unsettled',
      text: `select count(*) from orders.orders where status = 'PLACED'`,
    }),
  ]);
  return { applied: applied.rows[0]?.count ?? 0, unsettled: unsettled.rows[0]?.count ?? 0 };
}

/** Nothing has come for so long: nothing more will. Longer than any poll interval. */
const QUIET_MS = 5_000;

/**
 * Waits until so many orders are applied in all and, where the arm settles them, no more than before are unsettled.
 * @returns `lost` when that did not come and nothing moves any more; `behind` when time was up while it moved
 */
export async function waitForOrders(
  shop: BenchShop,
  expected: Progress & { readonly settles: boolean; readonly withinMs: number; readonly quietMs?: number },
): Promise<'through' | 'lost' | 'behind'> {
  const deadline = Date.now() + expected.withinMs;
  let [last, movedAt] = ['', Date.now()];
  for (;;) {
    const progress = await readProgress(shop);
    const isSettled = !expected.settles || progress.unsettled <= expected.unsettled;
    if (progress.applied >= expected.applied && isSettled) return 'through';
    const now = `${progress.applied} ${progress.unsettled}`;
    if (now !== last) [last, movedAt] = [now, Date.now()];
    if (Date.now() - movedAt > (expected.quietMs ?? QUIET_MS)) return 'lost';
    if (Date.now() > deadline) return 'behind';
    await delay(250);
  }
}
