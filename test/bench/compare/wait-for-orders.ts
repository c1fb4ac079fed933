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

/**
 * Waits until so many orders are applied in all and, where the arm settles them, none is left unsettled.
 * @returns false when time was up before that
 */
export async function ordersAreThrough(
  shop: BenchShop,
  expected: { readonly applied: number; readonly settles: boolean; readonly withinMs: number },
): Promise<boolean> {
  const deadline = Date.now() + expected.withinMs;
  for (;;) {
    const { applied, unsettled } = await readProgress(shop);
    if (applied >= expected.applied && (!expected.settles || unsettled === 0)) return true;
    if (Date.now() > deadline) return false;
    await delay(250);
  }
}
