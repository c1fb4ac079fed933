import { inventoryEvents } from '../../src/contracts/inventory-events.ts';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import type { DemoDatabases } from './demo-databases.ts';

/** The events of a run, from the outboxes they were written to. */
export interface RunEvents {
  readonly orders: readonly string[];
  readonly inventory: readonly string[];
}

/** Who must have recorded what: consumers record every event of their topic, also those that do not concern them. */
const READERS = [
  { consumer: 'inventory', database: 'inventory', events: 'orders' },
  { consumer: 'sales', database: 'sales', events: 'orders' },
  { consumer: 'orders', database: 'orders', events: 'inventory' },
] as const;

/** Now, by the clock that makes the outbox's ids. */
export async function databaseNow({ orders }: DemoDatabases): Promise<Date> {
  const { rows } = await orders.query<{ now: Date }>({ text: 'select clock_timestamp() as now' });
  return rows[0]?.now ?? new Date();
}

/** Identities of all events written since then, each once however often its row was republished; probes and announcements are nobody's to apply. */
export async function readEvents(databases: DemoDatabases, since: Date): Promise<RunEvents> {
  const read = async (database: 'orders' | 'inventory', topic: string): Promise<string[]> => {
    const { rows } = await databases[database].query<{ eventId: string }>({
      name: 'demo_read_events',
      text: `select distinct event_id as "eventId" from pipeline.outbox
             where id >= pipeline.uuid_floor($1) and topic = $2`,
      values: [since, topic],
    });
    return rows.map(({ eventId }) => eventId);
  };
  const [orders, inventory] = await Promise.all([
    read('orders', ordersEvents.name),
    read('inventory', inventoryEvents.name),
  ]);
  return { orders, inventory };
}

export interface MissingEvent {
  readonly consumer: string;
  readonly eventId: string;
}

/** Events that a consumer of their topic has not recorded. */
export async function findMissing(databases: DemoDatabases, events: RunEvents): Promise<MissingEvent[]> {
  const missing = await Promise.all(
    READERS.map(async ({ consumer, database, events: source }) => {
      const { rows } = await databases[database].query<{ eventId: string }>({
        name: 'demo_find_missing_events',
        text: `
          select event_id as "eventId" from unnest($2::uuid[]) as event_id
          except
          select event_id from pipeline.processed_events where consumer = $1 and event_id = any($2::uuid[])`,
        values: [consumer, events[source]],
      });
      return rows.map(({ eventId }) => ({ consumer, eventId }));
    }),
  );
  return missing.flat();
}

/** Records that the consumers have taken from Kafka so far, duplicates included; each topic is counted at one consumer. */
export async function countRecordsRead({ orders, inventory }: DemoDatabases): Promise<number> {
  const counts = await Promise.all(
    [orders, inventory].map(async (database) => {
      const { rows } = await database.query<{ records: number }>({
        name: 'demo_count_records_read',
        text: `select coalesce(sum(next_offset), 0)::bigint as records from pipeline.consumer_positions
               where consumer = current_database()`,
      });
      return rows[0]?.records ?? 0;
    }),
  );
  return counts.reduce((sum, records) => sum + records, 0);
}
