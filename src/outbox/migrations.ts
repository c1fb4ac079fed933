import type { MigrationSet } from '../platform/postgres/migrate.ts';

/** The outbox tables, for every database from which events are captured. */
export const outboxMigrations: MigrationSet = {
  name: 'outbox',
  dir: new URL('./migrations/', import.meta.url),
};
