import { findMissing, readEvents } from '../../../scripts/demo/find-lost-events.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { queuedOf } from './check-held-keys.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

/** Outboxes and what consumers recorded. */
export async function checkProcessed({ databases }: Checked): Promise<Violation[]> {
  const events = await readEvents(databases, new Date(0));
  const queued = await queuedOf(databases);
  const missing = (await findMissing(databases, events)).filter(
    ({ consumer, eventId }) => !queued.has(`${consumer} ${eventId}`),
  );
  const processed = (database: Queryable) =>
    rowsOf<{ id: string; consumer: string }>(
      database,
      'select event_id as id, consumer from pipeline.processed_events',
    );
  const said = new Set([...events.orders, ...events.inventory]);
  const { orders, inventory, sales } = databases;
  const rows = (await Promise.all([processed(orders), processed(inventory), processed(sales)])).flat();
  return [
    ...violations(
      'event-processed',
      missing.map(({ consumer, eventId }) => `${eventId} did not arrive at ${consumer}`),
    ),
    ...violations(
      'processed-was-said',
      rows.filter(({ id }) => !said.has(id)).map(({ id, consumer }) => `${consumer} has processed ${id}`),
    ),
  ];
}
