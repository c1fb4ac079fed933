import type { DemoDatabases } from '../../../scripts/demo/demo-databases.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Checked, PlantedKey, Violation } from './invariants.ts';

const consumersOf = ({ orders, inventory, sales }: DemoDatabases): readonly Queryable[] => [
  orders,
  inventory,
  sales,
];

/** What consumers hold back is what was made to be held back. */
export async function checkHeld({ databases, planted }: Checked): Promise<Violation[]> {
  const rows = await Promise.all(
    consumersOf(databases).map((database) =>
      rowsOf<PlantedKey>(database, 'select consumer, key from pipeline.parked_keys'),
    ),
  );
  const name = ({ consumer, key }: PlantedKey): string => `${key} by ${consumer}`;
  const held = new Set(rows.flat().map(name));
  const expected = new Set(planted.map(name));
  return violations('held-as-planted', [
    ...[...held.difference(expected)].map((one) => `${one} is held for no planted reason`),
    ...[...expected.difference(held)].map((one) => `${one} is not held`),
  ]);
}

/** Of whom events wait in queues, as `consumer event`. */
export async function queuedOf(databases: DemoDatabases): Promise<Set<string>> {
  const rows = await Promise.all(
    consumersOf(databases).map((database) =>
      rowsOf<{ queued: string }>(
        database,
        `select consumer || ' ' || event_id as queued from pipeline.parked_events`,
      ),
    ),
  );
  return new Set(rows.flat().map(({ queued }) => queued));
}
