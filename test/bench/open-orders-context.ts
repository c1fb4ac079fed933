import { v7 } from 'uuid';
import { ordersEvents } from '../../src/contracts/orders-events.ts';
import { createEncoder } from '../../src/events/encoder.ts';
import type { OrdersContext } from '../../src/orders/orders-context.ts';
import { loadEventSchemas } from '../../src/outbox/load-event-schemas.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { TestDatabase } from '../support/test-database.ts';
import type { Cleanup } from './compare/cleanup.ts';

/** As the order service makes it, with a connection for each client. Goes with `cleanup`. */
export async function openOrdersContext(
  { appUrl }: TestDatabase,
  clients: number,
  cleanup: Cleanup,
): Promise<OrdersContext> {
  const pool = createPool({
    connectionString: appUrl,
    applicationName: 'bench-orders',
    log: silentLog,
    max: clients,
  });
  cleanup.add(() => pool.end());
  const encoder = createEncoder(await loadEventSchemas(pool, Object.values(ordersEvents.events)));
  return { pool, encoder, clock: systemClock, newId: () => v7() };
}
