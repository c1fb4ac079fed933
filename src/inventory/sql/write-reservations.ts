import { binaryArray } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Reservation } from '../decide-stock.ts';
import { decidedMeanwhile } from './decided-meanwhile.ts';

/** Records decisions about orders: new ones, and RESERVED -> RELEASED. @throws PipelineError `dedupe_race`, see decidedMeanwhile */
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
      binaryArray('uuid', [...reservations.keys()]),
      binaryArray(
        'text',
        values.map((reservation) => reservation.state),
      ),
      binaryArray(
        'jsonb',
        values.map((reservation) => JSON.stringify(reservation.lines)),
      ),
      decidedAt,
    ],
  });
  if (rowCount !== reservations.size) throw decidedMeanwhile('one of these orders');
}
