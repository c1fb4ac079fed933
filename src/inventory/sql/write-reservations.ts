import { binaryArray } from '../../platform/postgres/binary-array.ts';
import { sqlState } from '../../platform/postgres/postgres-errors.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Reservation } from '../decide-stock.ts';
import { decidedMeanwhile } from './decided-meanwhile.ts';

const UNIQUE_VIOLATION = '23505';

/**
 * Records decisions about orders: new ones, and RESERVED -> RELEASED. A released order may have been reserved in an earlier batch
 * or in this one; every other decision is an order's first. These are most, and are inserted without the second look that
 * `on conflict` takes.
 * @throws PipelineError `dedupe_race`, see decidedMeanwhile
 */
export async function writeReservations(
  tx: Transaction,
  reservations: ReadonlyMap<string, Reservation>,
  decidedAt: Date,
): Promise<void> {
  const decided = [...reservations];
  const [released, first] = [
    decided.filter(([, { state }]) => state === 'RELEASED'),
    decided.filter(([, { state }]) => state !== 'RELEASED'),
  ];
  if (first.length > 0) await insertFirst(tx, first, decidedAt);
  if (released.length > 0) await release(tx, released, decidedAt);
}

type Decided = readonly (readonly [orderId: string, Reservation])[];

async function insertFirst(tx: Transaction, decided: Decided, decidedAt: Date): Promise<void> {
  const statement = {
    name: 'insert_reservations',
    text: `insert into reservations (order_id, state, lines, decided_at)
           select order_id, state, lines, $4
           from unnest($1::uuid[], $2::text[], $3::jsonb[]) as decided (order_id, state, lines)`,
    values: [...valuesOf(decided), decidedAt],
  };
  await tx.query(statement).catch((error: unknown) => {
    throw sqlState(error) === UNIQUE_VIOLATION ? decidedMeanwhile('one of these orders') : error;
  });
}

async function release(tx: Transaction, decided: Decided, decidedAt: Date): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'release_reservations',
    text: `insert into reservations (order_id, state, lines, decided_at)
           select order_id, state, lines, $4
           from unnest($1::uuid[], $2::text[], $3::jsonb[]) as decided (order_id, state, lines)
           on conflict (order_id) do update set state = excluded.state, decided_at = excluded.decided_at
           where reservations.state = 'RESERVED'`,
    values: [...valuesOf(decided), decidedAt],
  });
  if (rowCount !== decided.length) throw decidedMeanwhile('one of these orders');
}

function valuesOf(decided: Decided): Buffer[] {
  return [
    binaryArray(
      'uuid',
      decided.map(([orderId]) => orderId),
    ),
    binaryArray(
      'text',
      decided.map(([, { state }]) => state),
    ),
    binaryArray(
      'jsonb',
      decided.map(([, { lines }]) => JSON.stringify(lines)),
    ),
  ];
}
