import type { RebuildDefinition } from './consumer/rebuild/define-rebuild.ts';
import { consumerMigrations } from './consumer/migrations.ts';
import type {
  StockAdjusted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
} from './contracts/generated/inventory-events.ts';
import type { ItemsReturned, OrderPlaced } from './contracts/generated/orders-events.ts';
import { inventoryMigrations } from './inventory/migrations.ts';
import { ordersMigrations } from './orders/migrations.ts';
import type { StoryWords } from './operate/trace/story.ts';
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

const pieces = (lines: readonly { readonly quantity: number; readonly sku: string }[]): string =>
  lines.map(({ quantity, sku }) => `${quantity} ${sku}`).join(', ');

/** What `outbox trace` and the dashboard say of events, by type. A type that is left out is shown by its name alone. */
export const storyWords: StoryWords = {
  statusAfter: {
    OrderPlaced: 'PLACED',
    OrderConfirmed: 'CONFIRMED',
    OrderRejected: 'REJECTED',
    OrderCancelled: 'CANCELLED',
    ItemsReturned: 'RETURNED',
  },
  describe: {
    OrderPlaced: ({ lines }: OrderPlaced) => `ordered ${pieces(lines)}`,
    ItemsReturned: ({ lines }: ItemsReturned) => `returned ${pieces(lines)}`,
    StockReserved: ({ lines }: StockReserved) => `stock reserved: ${pieces(lines)}`,
    StockReleased: ({ lines }: StockReleased) => `stock given back: ${pieces(lines)}`,
    StockRestocked: ({ lines }: StockRestocked) => `back on the shelf: ${pieces(lines)}`,
    StockRejected: ({ shortages }: StockRejected) =>
      `short of ${shortages.map(({ sku, requested, available }) => `${sku} (${requested} asked, ${available} there)`).join(', ')}`,
    StockAdjusted: ({ sku, onHand, delta }: StockAdjusted) =>
      `${sku}: ${onHand} on hand (${delta >= 0 ? '+' : ''}${delta})`,
  },
};
