import type { Log } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';

/** The services' databases, read as their owners: the checks must not depend on what a service says about itself. */
export interface DemoDatabases {
  readonly orders: Pool;
  readonly inventory: Pool;
  readonly sales: Pool;
  close(): Promise<void>;
}

export function openDatabases(env: Readonly<Record<string, string>>, log: Log): DemoDatabases {
  const open = (service: string): Pool =>
    createPool({
      connectionString: env[`${service}_OWNER_DATABASE_URL`] ?? '',
      applicationName: 'demo',
      log,
      max: 2,
    });
  const [orders, inventory, sales] = [open('ORDERS'), open('INVENTORY'), open('SALES')];
  const close = async (): Promise<void> => {
    await Promise.all([orders.end(), inventory.end(), sales.end()]);
  };
  return { orders, inventory, sales, close };
}
