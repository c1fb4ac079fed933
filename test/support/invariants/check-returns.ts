import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** Events of the outbox, however often a row was republished. */
const SAID = `
  select aggregate_id as id, count(distinct event_id) as times from pipeline.outbox
  where topic = 'orders.events' and event_type = 'ItemsReturned' group by 1`;

/** Returns, what their customers were told, and what the order service said of them. */
export async function checkReturns({ databases, returned }: Checked): Promise<Violation[]> {
  const rows = await rowsOf<{ id: string }>(databases.orders, 'select return_id as id from orders.returns');
  const there = new Set(rows.map(({ id }) => id));
  const said = new Map(
    (await rowsOf<{ id: string; times: number }>(databases.orders, SAID)).map(({ id, times }) => [id, times]),
  );
  const told = returned === undefined ? there : new Set(returned);
  return [
    ...violations('returned-once', [
      ...[...told.difference(there)].map((id) => `return ${id} was acknowledged and is not there`),
      ...[...there.difference(told)].map((id) => `nobody was told of return ${id}`),
    ]),
    ...violations('return-said-once', [
      ...[...there]
        .map((id) => ({ id, times: said.get(id) ?? 0 }))
        .filter(({ times }) => times !== 1)
        .map(({ id, times }) => `return ${id} was said ${times} times`),
      ...[...said.keys()].filter((id) => !there.has(id)).map((id) => `${id} is in the outbox and no return`),
    ]),
  ];
}
