import type { Queryable } from '../../platform/postgres/statement.ts';

/** One sku as it is now, in pieces. */
export interface StockRow {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
}

export async function selectStock(db: Queryable, sku: string): Promise<StockRow | undefined> {
  const { rows } = await db.query<StockRow>({
    name: 'select_stock',
    text: 'select sku, on_hand as "onHand", reserved from inventory.stock where sku = $1',
    values: [sku],
  });
  return rows[0];
}

/** The skus after `after` in byte order, at most `limit`. By key and not by offset, so page n is as fast as page 1. */
export async function selectStockPage(
  db: Queryable,
  page: { readonly after: string; readonly limit: number },
): Promise<StockRow[]> {
  const { rows } = await db.query<StockRow>({
    name: 'select_stock_page',
    text: `select sku, on_hand as "onHand", reserved from inventory.stock
           where sku > $1 order by sku limit $2`,
    values: [page.after, page.limit],
  });
  return rows;
}
