import type { Transaction } from '../../platform/postgres/transaction.ts';

/**
 * Makes an empty row for each of these skus that has none, so that it can be locked, and returns the skus it made. Call it
 * before `lockStock`: whoever waits here for another transaction's new row holds no stock rows yet. Sorted for the same
 * reason as the locks.
 */
export async function createMissingStock(tx: Transaction, skus: readonly string[]): Promise<Set<string>> {
  if (skus.length === 0) return new Set();
  const { rows } = await tx.query<{ sku: string }>({
    name: 'create_missing_stock',
    text: `insert into stock (sku, on_hand)
           select sku, 0 from unnest($1::text[]) as wanted (sku)
           where not exists (select from stock where stock.sku = wanted.sku)
           order by sku collate "C"
           on conflict (sku) do nothing
           returning sku`,
    values: [skus],
  });
  return new Set(rows.map((row) => row.sku));
}
