import { binaryArray } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { StockLevel } from '../decide-stock.ts';

/** Sets the levels of skus that this transaction has locked (`lockStock`); each must have a row. */
export async function writeStock(tx: Transaction, levels: ReadonlyMap<string, StockLevel>): Promise<void> {
  if (levels.size === 0) return;
  const values = [...levels.values()];
  const { rowCount } = await tx.query({
    name: 'write_stock',
    text: `update stock set on_hand = decided.on_hand, reserved = decided.reserved
           from unnest($1::text[], $2::bigint[], $3::bigint[]) as decided (sku, on_hand, reserved)
           where stock.sku = decided.sku`,
    values: [
      binaryArray('text', [...levels.keys()]),
      binaryArray(
        'bigint',
        values.map((level) => level.onHand),
      ),
      binaryArray(
        'bigint',
        values.map((level) => level.reserved),
      ),
    ],
  });
  // A row that nobody had locked was changed by another: better no batch than one with half its stock.
  if (rowCount !== levels.size) {
    throw new Error(`Wrote the stock of ${rowCount} skus instead of ${levels.size}: one has no row.`);
  }
}
