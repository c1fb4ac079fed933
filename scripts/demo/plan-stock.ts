import type { Invoice } from './invoices.ts';

/** Every tenth product is bought too few of; of the others there is exactly what will be ordered. */
const SCARCE_EVERY = 10;
/** Of a scarce product, this share of what will be ordered, rounded down. */
const SCARCE_SHARE_PERCENT = 90;

/**
 * How many pieces must be free to sell before the run, by sku: a rule without chance, so that two runs on the same file
 * start alike. Products are counted in the order in which they first appear; every tenth is scarce. A product that only
 * comes back and is never ordered starts at 0.
 */
export function planStock(invoices: readonly Invoice[]): Map<string, number> {
  const demand = new Map<string, number>();
  for (const { kind, lines } of invoices) {
    for (const { sku, quantity } of lines)
      demand.set(sku, (demand.get(sku) ?? 0) + (kind === 'order' ? quantity : 0));
  }
  const skus = [...demand.entries()];
  return new Map(
    skus.map(([sku, pieces], index) => {
      const scarce = index % SCARCE_EVERY === SCARCE_EVERY - 1;
      return [sku, scarce ? Math.floor((pieces * SCARCE_SHARE_PERCENT) / 100) : pieces];
    }),
  );
}
