import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Reservation } from '../decide-stock.ts';

/**
 * Records decisions about orders: new ones, and RESERVED -> RELEASED. Throws when another transaction has decided about one
 * of the orders since this one looked, which only happens when one order's events come under two keys.
 */
export async function writeReservations(
  tx: Transaction,
  reservations: ReadonlyMap<string, Reservation>,
  decidedAt: Date,
): Promise<void> {
  if (reservations.size === 0) return;
  const values = [...reservations.values()];
  const { rowCount } = await tx.query({
    name: 'write_reservations',
    text: `insert into reservations (order_id, state, lines, decided_at)
           select order_id, state, lines, $4
           from unnest($1::uuid[], $2::text[], $3::jsonb[]) as decided (order_id, state, lines)
           on conflict (order_id) do update set state = excluded.state, decided_at = excluded.decided_at
           where reservations.state = 'RESERVED' and excluded.state = 'RELEASED'`,
    values: [
      [...reservations.keys()],
      values.map((reservation) => reservation.state),
      values.map((reservation) => JSON.stringify(reservation.lines)),
      decidedAt,
    ],
  });
  if (rowCount !== reservations.size) {
    throw new Error(
      `${reservations.size - rowCount} orders were decided by another transaction in the meantime.`,
    );
  }
}
