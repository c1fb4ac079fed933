import { compareStock } from '../../../scripts/demo/check-effects.ts';
import { checkStock } from '../../../src/inventory/check-stock.ts';
import { violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** The stock and what was ordered, returned and put in. */
export async function checkStockLevels({ databases }: Checked): Promise<Violation[]> {
  const [{ differences, negative }, mismatches] = await Promise.all([
    compareStock(databases),
    checkStock(databases.inventory),
  ]);
  return [
    ...violations('stock-never-negative', negative),
    ...violations(
      'stock-conserved',
      differences.map(({ what, expected, actual }) => `${what}: ${actual} instead of ${expected}`),
    ),
    ...violations(
      'stock-has-records',
      mismatches.map((mismatch) => JSON.stringify(mismatch)),
    ),
  ];
}
