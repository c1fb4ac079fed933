import { binaryArray } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { StockLevel } from '../decide-stock.ts';

interface StockRow {
  readonly sku: string;
  readonly on_hand: number;
  readonly reserved: number;
}

/**
 * Locks the rows of these skus until the transaction ends and returns their levels; a sku without a row is missing in the map.
 * Every transaction locks by sku in byte order, so two that share skus wait for each other and never in a circle.
 */
export async function lockStock(tx: Transaction, skus: readonly string[]): Promise<Map<string, StockLevel>> {
  if (skus.length === 0) return new Map();
  const { rows } = await tx.query<StockRow>({
    name: 'lock_stock',
    text: 'select sku, on_hand, reserved from stock where sku = any($1::text[]) order by sku for update',
    values: [binaryArray('text', skus)],
  });
  return new Map(rows.map((row) => [row.sku, { onHand: row.on_hand, reserved: row.reserved }]));
}
