import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** Returns, and what their customers were told. */
export async function checkReturns({ databases, returned }: Checked): Promise<Violation[]> {
  if (returned === undefined) return [];
  const rows = await rowsOf<{ id: string }>(databases.orders, 'select return_id as id from orders.returns');
  const there = new Set(rows.map(({ id }) => id));
  const told = new Set(returned);
  return violations('returned-once', [
    ...[...told.difference(there)].map((id) => `return ${id} was acknowledged and is not there`),
    ...[...there.difference(told)].map((id) => `nobody was told of return ${id}`),
  ]);
}
