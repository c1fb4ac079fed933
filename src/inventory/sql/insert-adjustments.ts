import type { Transaction } from '../../platform/postgres/transaction.ts';

/** A change of the shelf that a person made. `onHand` is the level after it, `delta` what it added or took away. */
export interface Adjustment {
  readonly sku: string;
  readonly onHand: number;
  readonly delta: number;
  readonly reason: string | null;
}

export async function insertAdjustments(
  tx: Transaction,
  adjustments: readonly Adjustment[],
  adjustedAt: Date,
): Promise<void> {
  if (adjustments.length === 0) return;
  await tx.query({
    name: 'insert_adjustments',
    text: `insert into inventory_facts.stock_adjustments (sku, delta, on_hand, reason, adjusted_at)
           select sku, delta, on_hand, reason, $5
           from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) as made (sku, delta, on_hand, reason)`,
    values: [
      adjustments.map((made) => made.sku),
      adjustments.map((made) => made.delta),
      adjustments.map((made) => made.onHand),
      adjustments.map((made) => made.reason),
      adjustedAt,
    ],
  });
}
