import { binaryArray } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Reservation, ReservationState } from '../decide-stock.ts';
import type { StockLine } from '../../contracts/generated/inventory-events.ts';

interface ReservationRow {
  readonly order_id: string;
  readonly state: ReservationState;
  readonly lines: StockLine[];
}

/** Locks and returns what was decided about these orders; an order without a decision is missing in the map. */
export async function lockReservations(
  tx: Transaction,
  orderIds: readonly string[],
): Promise<Map<string, Reservation>> {
  if (orderIds.length === 0) return new Map();
  const { rows } = await tx.query<ReservationRow>({
    name: 'lock_reservations',
    text: `select order_id, state, lines from reservations
           where order_id = any($1::uuid[]) order by order_id for update`,
    values: [binaryArray('uuid', orderIds)],
  });
  return new Map(rows.map((row) => [row.order_id, { state: row.state, lines: row.lines }]));
}
