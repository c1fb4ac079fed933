import { readdir } from 'node:fs/promises';
import type { MigrationSet } from '../../platform/postgres/migrate.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { listed } from './in-words.ts';
import { ok, problem, warning, type Judgement } from './judgement.ts';

export interface MigrationState {
  readonly set: string;
  readonly files: readonly string[];
  /** Undefined when the set never ran here. */
  readonly applied: readonly string[] | undefined;
}

export async function readMigrations(db: Queryable, set: MigrationSet): Promise<MigrationState> {
  const files = (await readdir(set.dir))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.replace(/\.sql$/, ''))
    .sort();
  const { rows } = await db.query<{ exists: boolean }>({
    name: 'doctor_has_migrations_table',
    text: `select exists (select from pg_class where relnamespace = 'pipeline'::regnamespace and relname = $1)`,
    values: [tableOf(set)],
  });
  if (rows[0]?.exists !== true) return { set: set.name, files, applied: undefined };
  const applied = await db.query<{ name: string }>({
    text: `select name from pipeline."${tableOf(set)}" order by id`,
  });
  return { set: set.name, files, applied: applied.rows.map(({ name }) => name) };
}

/** As src/platform/postgres/migrate.ts names it. */
const tableOf = (set: MigrationSet): string => `migrations_${set.name}`;

export function judgeMigrations(states: readonly MigrationState[]): Judgement[] {
  const wrong = states.flatMap(({ set, files, applied = [] }) => {
    const missing = files.filter((name) => !applied.includes(name));
    const unknown = applied.filter((name) => !files.includes(name));
    return [
      ...(missing.length > 0
        ? [problem(`${listed(missing)} of ${set} did not run here yet.`, 'Run: npm run setup')]
        : []),
      ...(unknown.length > 0
        ? [
            warning(
              `${listed(unknown)} of ${set} ran here but is not in this checkout: the database is newer.`,
              'Check out the version that the services run.',
            ),
          ]
        : []),
    ];
  });
  const count = states.reduce((sum, { files }) => sum + files.length, 0);
  return wrong.length === 0 ? [ok(`all ${count} ran`)] : wrong;
}
