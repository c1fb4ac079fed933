import { sqlState } from '../../src/platform/postgres/postgres-errors.ts';
import { createPool, type Pool } from '../../src/platform/postgres/pool.ts';
import { silentLog } from '../../src/platform/log.ts';

export interface Table {
  /** With its schema. */
  readonly name: string;
  readonly isPartition: boolean;
  readonly columns: readonly string[];
}

const NOT_ALLOWED = '42501';

/** A connection to a database by somebody else than who made it. */
export function poolAs(databaseUrl: string, role: string, password: string): Pool {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return createPool({ connectionString: url.href, applicationName: 'test', log: silentLog, max: 1 });
}

export async function readTables(admin: Pool): Promise<Table[]> {
  const { rows } = await admin.query<Table>({
    text: `
      select n.nspname || '.' || c.relname as name, c.relispartition as "isPartition",
             array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum)
               as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      order by 1`,
  });
  return rows;
}

/** Whether Postgres lets this role do it; what it does is undone. Another failure than a missing right means that it was let. */
export async function isAllowed(pool: Pool, statement: string): Promise<boolean> {
  try {
    await pool.query({ text: `begin; ${statement}; rollback` });
    return true;
  } catch (error) {
    await pool.query({ text: 'rollback' });
    return sqlState(error) !== NOT_ALLOWED;
  }
}

/** What a role may do with a table, found by doing each: `select`, `update (a, b)` … in the order of the list. */
export async function tryTable(pool: Pool, { name, columns }: Table): Promise<string[]> {
  const update = (names: readonly string[]): string =>
    `update ${name} set ${names.map((column) => `${column} = default`).join(', ')} where false`;
  const verbs: readonly (readonly [verb: string, statement: string])[] = [
    ['select', `select * from ${name} limit 0`],
    ['insert', `insert into ${name} default values`],
    ['update', update(columns)],
    ['delete', `delete from ${name} where false`],
    ['truncate', `truncate ${name}`],
    ['maintain', `reindex table ${name}`],
    [
      'trigger',
      `create trigger mine before update on ${name} for each row execute function suppress_redundant_updates_trigger()`,
    ],
    ['alter', `alter table ${name} add column mine integer`],
    ['drop', `drop table ${name}`],
    ['grant', `grant select on ${name} to public`],
  ];
  const allowed: string[] = [];
  for (const [verb, statement] of verbs) {
    // Whoever has no right to grant is only warned; what came of it tells.
    const tried = verb === 'grant' ? `${statement}; ${grantedToPublic(name)}` : statement;
    if (await isAllowed(pool, tried)) allowed.push(verb);
    else if (verb === 'update')
      allowed.push(...(await tryColumns(pool, columns, (column) => update([column]))));
  }
  return allowed;
}

const grantedToPublic = (name: string): string =>
  `do $$ begin if not has_table_privilege('public', '${name}', 'select') then raise insufficient_privilege; end if; end $$`;

async function tryColumns(
  pool: Pool,
  columns: readonly string[],
  update: (column: string) => string,
): Promise<string[]> {
  const allowed: string[] = [];
  for (const column of columns) if (await isAllowed(pool, update(column))) allowed.push(column);
  return allowed.length === 0 ? [] : [`update (${allowed.join(', ')})`];
}
