import type { TestPipeline } from '../test-pipeline.ts';
import type { AcknowledgedOrder } from '../shop-load.ts';
import { checkAnswers } from './check-answers.ts';
import { checkAppliedOrder } from './check-applied-order.ts';
import { checkAudit } from './check-audit.ts';
import { checkHeld } from './check-held-keys.ts';
import { checkOrders } from './check-orders.ts';
import { checkProcessed } from './check-processed.ts';
import { checkReturns } from './check-returns.ts';
import { checkSaid } from './check-said.ts';
import { checkSales } from './check-sales.ts';
import { checkSequences } from './check-sequences.ts';
import { checkStockLevels } from './check-stock-levels.ts';
import type { Checked, PlantedKey, Violation } from './invariants.ts';

/**
 * Compares the databases with what the client was told and with each other. Nothing may be under way. A row of an outbox
 * that was republished (audit --repair) says its event once more, not another one.
 * @param acknowledged all orders that were ever accepted in these databases
 * @param planted the keys that must be held now; their orders may break other invariants
 * @param returned ids of all returns that were ever accepted; undefined where nobody kept them
 */
export async function checkInvariants(
  databases: TestPipeline['databases'],
  acknowledged: readonly AcknowledgedOrder[],
  planted: readonly PlantedKey[] = [],
  returned?: readonly string[],
): Promise<Violation[]> {
  const { orders, inventory, sales } = databases;
  const checked: Checked = {
    databases: {
      orders: orders.pool,
      inventory: inventory.pool,
      sales: sales.pool,
      close: () => Promise.resolve(),
    },
    acknowledged,
    planted,
    returned,
  };
  const found = await Promise.all([
    checkOrders(checked),
    checkReturns(checked),
    checkSaid(checked),
    checkAnswers(checked),
    checkProcessed(checked),
    checkAudit({ orders: orders.pool, inventory: inventory.pool, sales: sales.pool }),
    checkHeld(checked),
    checkSequences(checked),
    checkAppliedOrder(checked),
    checkStockLevels(checked),
    checkSales(checked),
  ]);
  return found.flat();
}
