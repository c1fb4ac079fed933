import type { RebuildDefinition } from './consumer/rebuild/define-rebuild.ts';
import { consumerMigrations } from './consumer/migrations.ts';
import { inventoryMigrations } from './inventory/migrations.ts';
import { ordersMigrations } from './orders/migrations.ts';
import { outboxMigrations } from './outbox/migrations.ts';
import type { MigrationSet } from './platform/postgres/migrate.ts';
import { salesMigrations } from './sales/migrations.ts';

/** One service: its process, its database, and what it reads and writes. */
export interface ServiceDefinition {
  /**
   * One word of lower-case letters. Also its folder (`src/orders/main.ts`) and the prefix of its roles (`orders_app`) and
   * environment variables (`ORDERS_PORT`, `ORDERS_APP_PASSWORD` ...; scripts/local-env.ts makes addresses of them).
   */
  readonly name: string;
  readonly database: string;
  /** In the order in which they build on each other. */
  readonly migrations: readonly MigrationSet[];
  /** File of `connectors/` that streams its outbox; a service without one says nothing to others. */
  readonly connector?: string;
  /** Names its consumer, which is also its Kafka group. */
  readonly consumer: string;
  /** How its state is made again from its events; a service without it can't be rebuilt. Loaded when it is asked for. */
  readonly rebuild?: () => Promise<RebuildDefinition>;
}

/** Everything that runs. Put your own service here. */
export const services: readonly ServiceDefinition[] = [
  {
    name: 'orders',
    database: 'orders',
    migrations: [outboxMigrations, consumerMigrations, ordersMigrations],
    connector: 'orders-outbox',
    consumer: 'orders',
  },
  {
    name: 'inventory',
    database: 'inventory',
    migrations: [outboxMigrations, consumerMigrations, inventoryMigrations],
    connector: 'inventory-outbox',
    consumer: 'inventory',
    rebuild: async () => (await import('./inventory/inventory-rebuild.ts')).inventoryRebuild,
  },
  {
    name: 'sales',
    database: 'sales',
    migrations: [consumerMigrations, salesMigrations],
    consumer: 'sales',
    rebuild: async () => (await import('./sales/sales-rebuild.ts')).salesRebuild,
  },
];
