import type { MigrationSet } from '../platform/postgres/migrate.ts';

export const ordersMigrations: MigrationSet = {
  name: 'orders',
  dir: new URL('./migrations/', import.meta.url),
};
