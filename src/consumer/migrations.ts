import type { MigrationSet } from '../platform/postgres/migrate.ts';

/** The tables of the consumer runtime, in schema `pipeline` of every database that has a consumer. */
export const consumerMigrations: MigrationSet = {
  name: 'consumer',
  dir: new URL('./migrations/', import.meta.url),
};
