import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { ReplayedStock } from '../replay-stock.ts';

/** Adds to the levels of a state that is being rebuilt; a sku without a row gets one. */
export async function addToStock(tx: Transaction, moves: ReplayedStock['moves']): Promise<void> {
  if (moves.size === 0) return;
  const values = [...moves.values()];
  await tx.query({
    name: 'rebuild_add_to_stock',
    text: `insert into stock (sku, on_hand, reserved)
           select sku, on_hand, reserved from unnest($1::text[], $2::bigint[], $3::bigint[]) as moved (sku, on_hand, reserved)
           order by sku collate "C"
           on conflict (sku) do update set on_hand = stock.on_hand + excluded.on_hand, reserved = stock.reserved + excluded.reserved`,
    values: [[...moves.keys()], values.map(({ onHand }) => onHand), values.map(({ reserved }) => reserved)],
  });
}

/** Writes decisions as they were made, each with its own time. */
export async function rebuildReservations(
  tx: Transaction,
  reservations: ReplayedStock['reservations'],
): Promise<void> {
  if (reservations.size === 0) return;
  const values = [...reservations.values()];
  await tx.query({
    name: 'rebuild_reservations',
    text: `insert into reservations (order_id, state, lines, decided_at)
           select order_id, state, lines, decided_at
           from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[]) as decided (order_id, state, lines, decided_at)
           on conflict (order_id) do update set state = excluded.state, decided_at = excluded.decided_at`,
    values: [
      [...reservations.keys()],
      values.map(({ state }) => state),
      values.map(({ lines }) => JSON.stringify(lines)),
      values.map(({ decidedAt }) => decidedAt),
    ],
  });
}

export async function rebuildRestocks(tx: Transaction, restocks: ReplayedStock['restocks']): Promise<void> {
  if (restocks.size === 0) return;
  const values = [...restocks.values()];
  await tx.query({
    name: 'rebuild_restocks',
    text: `insert into restocks (return_id, lines, restocked_at)
           select return_id, lines, restocked_at
           from unnest($1::uuid[], $2::jsonb[], $3::timestamptz[]) as done (return_id, lines, restocked_at)`,
    values: [
      [...restocks.keys()],
      values.map(({ lines }) => JSON.stringify(lines)),
      values.map(({ restockedAt }) => restockedAt),
    ],
  });
}

/**
 * Adds what people counted (PUT /stock) since the mark. Right only while nobody can adjust the stock, or in a snapshot: ids are given
 * before their transactions commit.
 * @returns the newest one's id
 */
export async function addAdjustments(tx: Transaction, afterId: number): Promise<number> {
  await tx.query({
    name: 'rebuild_add_adjustments',
    text: `insert into stock (sku, on_hand)
           select sku, sum(delta) from inventory_facts.stock_adjustments where id > $1 group by sku order by sku
           on conflict (sku) do update set on_hand = stock.on_hand + excluded.on_hand`,
    values: [afterId],
  });
  const { rows } = await tx.query<{ id: number }>({
    name: 'rebuild_newest_adjustment',
    text: 'select coalesce(max(id), 0) as id from inventory_facts.stock_adjustments',
  });
  return Math.max(afterId, rows[0]?.id ?? 0);
}
