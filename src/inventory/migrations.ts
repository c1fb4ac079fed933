import type { MigrationSet } from '../platform/postgres/migrate.ts';

/** Runs after the outbox's and the consumer's sets, which make the schema `pipeline`. */
export const inventoryMigrations: MigrationSet = {
  name: 'inventory',
  dir: new URL('./migrations/', import.meta.url),
};
