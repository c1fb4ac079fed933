import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Log } from '../log.ts';
import { createPool } from './pool.ts';

/** Numbered, forward-only `.sql` files of one part: 0001_outbox.sql, 0002_... Never edited after they were published. */
export interface MigrationSet {
  readonly name: string;
  readonly dir: URL;
}

/**
 * Brings a database up to date, set by set, each file in its own transaction, under an advisory lock: several
 * processes may call it at once. What ran is kept in `pipeline.migrations_<name>`. Running it again changes nothing.
 * @param options.connectionString of the owner role.
 */
export async function migrate(options: {
  connectionString: string;
  sets: readonly MigrationSet[];
  log: Log;
}): Promise<void> {
  for (const set of options.sets) {
    const applied = await runner({
      databaseUrl: options.connectionString,
      dir: fileURLToPath(set.dir),
      direction: 'up',
      migrationsSchema: 'pipeline',
      migrationsTable: `migrations_${set.name}`,
      createMigrationsSchema: true,
      checkOrder: true,
      singleTransaction: false,
      logger: {
        debug: () => undefined,
        info: () => undefined,
        warn: (m) => options.log.warn(m),
        error: (m) => options.log.error(m),
      },
    });
    for (const migration of applied)
      options.log.info({ set: set.name, migration: migration.name }, 'migrated');
  }
  await showOperators(options);
}

/** What ran is for those who operate it, too. The runner makes its tables itself, so no migration can grant this beforehand. */
async function showOperators(options: {
  connectionString: string;
  sets: readonly MigrationSet[];
  log: Log;
}): Promise<void> {
  const owner = createPool({
    connectionString: options.connectionString,
    applicationName: 'migrate',
    log: options.log,
    max: 1,
  });
  try {
    for (const set of options.sets)
      await owner.query({ text: `grant select on pipeline."migrations_${set.name}" to pipeline_ops` });
  } finally {
    await owner.end();
  }
}
