import type { Line } from '../contracts/generated/orders-events.ts';

/** How many pieces of each sku of an order have not come back yet. */
export function leftToReturn(ordered: readonly Line[], returned: readonly Line[]): Map<string, number> {
  const left = new Map<string, number>();
  for (const { sku, quantity } of ordered) left.set(sku, (left.get(sku) ?? 0) + quantity);
  for (const { sku, quantity } of returned) left.set(sku, (left.get(sku) ?? 0) - quantity);
  return left;
}
