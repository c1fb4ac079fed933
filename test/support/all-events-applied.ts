import { waitUntil } from '../../src/platform/wait-until.ts';
import type { TestPipeline } from './test-pipeline.ts';

/** Waits until every event of both outboxes is known to every consumer of its topic. */
export async function allEventsApplied(pipeline: TestPipeline, timeoutMs = 90_000): Promise<void> {
  const { orders, inventory, sales } = pipeline.databases;
  const count = async (database: typeof orders, table: string): Promise<number> => {
    const { rows } = await database.pool.query<{ count: number }>({
      text: `select count(distinct event_id) as count from pipeline.${table} where topic in ('orders.events', 'inventory.events')`,
    });
    return rows[0]?.count ?? -1;
  };
  await waitUntil(
    async () => {
      const [saidByOrders, saidByInventory] = [
        await count(orders, 'outbox'),
        await count(inventory, 'outbox'),
      ];
      return (
        saidByOrders === (await count(inventory, 'processed_events')) &&
        saidByOrders === (await count(sales, 'processed_events')) &&
        saidByInventory === (await count(orders, 'processed_events')) &&
        // What was processed after its outbox was counted may have made new events there meanwhile.
        saidByInventory === (await count(inventory, 'outbox')) &&
        saidByOrders === (await count(orders, 'outbox'))
      );
    },
    { timeoutMs, everyMs: 100, what: 'all events to be applied' },
  );
}
