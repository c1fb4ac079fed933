import type { MigrationSet } from '../platform/postgres/migrate.ts';

/** Runs after the consumer's set, which makes the schema `pipeline`. */
export const salesMigrations: MigrationSet = {
  name: 'sales',
  dir: new URL('./migrations/', import.meta.url),
};
