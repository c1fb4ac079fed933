import { checkStock } from '../../../src/inventory/check-stock.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';

/** A figure counts only if the work was done. @throws Error that says what is missing */
export async function checkApplied(pool: Pool, orders: number): Promise<void> {
  const { rows } = await pool.query<Record<'reserved' | 'recorded' | 'answered', number>>({
    name: 'bench_check_applied',
    text: `select (select count(*) from inventory.reservations where state = 'RESERVED') as reserved,
                  (select count(*) from pipeline.processed_events where outcome = 'reserved') as recorded,
                  (select count(*) from pipeline.outbox where event_type = 'StockReserved') as answered`,
  });
  const counts = rows[0];
  if (counts?.reserved !== orders || counts.recorded !== orders || counts.answered !== orders)
    throw new Error(`Not all of ${orders} orders were applied: ${JSON.stringify(counts)}.`);
  const [mismatch] = await checkStock(pool);
  if (mismatch !== undefined)
    throw new Error(`The stock does not add up, first of all: ${JSON.stringify(mismatch)}.`);
}
