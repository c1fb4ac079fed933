import type { Queryable } from '../platform/postgres/statement.ts';

/** A sku whose level is not what the records behind it add up to. */
export interface StockMismatch {
  readonly sku: string;
  readonly onHand: number;
  readonly adjustedAndRestocked: number;
  readonly reserved: number;
  readonly heldByOrders: number;
}

/**
 * Proves the stock from its records: pieces on hand = adjustments + restocks, pieces reserved = lines of RESERVED orders,
 * for every sku. Returns the skus where it does not add up, at most 100; none means conserved. One statement, so it sees
 * one moment and is right under load. Reads every reservation: for the demo, tests and audits, not for a request.
 */
export async function checkStock(db: Queryable): Promise<StockMismatch[]> {
  const { rows } = await db.query<StockMismatch>({
    name: 'check_stock',
    text: `
      with shelf as (
        select sku, delta as pieces from inventory_facts.stock_adjustments
        union all
        select line->>'sku', (line->>'quantity')::bigint
        from inventory.restocks cross join jsonb_array_elements(lines) as line
      ), expected_on_hand as (
        select sku, sum(pieces)::bigint as pieces from shelf group by sku
      ), expected_reserved as (
        select line->>'sku' as sku, sum((line->>'quantity')::bigint)::bigint as pieces
        from inventory.reservations cross join jsonb_array_elements(lines) as line
        where state = 'RESERVED' group by 1
      )
      select sku, coalesce(stock.on_hand, 0) as "onHand", coalesce(a.pieces, 0) as "adjustedAndRestocked",
             coalesce(stock.reserved, 0) as "reserved", coalesce(r.pieces, 0) as "heldByOrders"
      from inventory.stock full join expected_on_hand a using (sku) full join expected_reserved r using (sku)
      where coalesce(stock.on_hand, 0) <> coalesce(a.pieces, 0)
         or coalesce(stock.reserved, 0) <> coalesce(r.pieces, 0)
      order by sku limit 100`,
  });
  return rows;
}
