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
/** Codes of ours, that Postgres does not use. */
const UNDONE = 'UNDO1';
const TRIED = 'TRY01';

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

/**
 * Which of these statements Postgres lets this role run. Each is run and undone, all in one round trip: what was said of each comes in the
 * error that ends it. Another failure than a missing right means that it was let.
 */
export async function tryEach(pool: Pool, statements: readonly string[]): Promise<boolean[]> {
  const text = `
    do $try$
    declare
      statement text;
      codes text[] := '{}';
    begin
      foreach statement in array array(select json_array_elements_text($list$${JSON.stringify(statements)}$list$)) loop
        begin
          execute statement;
          raise exception using errcode = '${UNDONE}';
        exception when others then
          codes := codes || sqlstate::text;
        end;
      end loop;
      raise exception using errcode = '${TRIED}', message = array_to_string(codes, ' ');
    end $try$`;
  const thrown: unknown = await pool.query({ text }).catch((error: unknown) => error);
  if (!Error.isError(thrown) || sqlState(thrown) !== TRIED) throw thrown;
  return thrown.message.split(' ').map((code) => code !== NOT_ALLOWED);
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
    // Whoever has no right to grant is only warned; what came of it tells.
    ['grant', `grant select on ${name} to public; ${grantedToPublic(name)}`],
  ];
  const tried = await tryEach(pool, [
    ...verbs.map(([, statement]) => statement),
    ...columns.map((column) => update([column])),
  ]);
  const updatable = columns.filter((_column, i) => tried[verbs.length + i]);
  return verbs.flatMap(([verb], i) => {
    if (tried[i] === true) return [verb];
    return verb === 'update' && updatable.length > 0 ? [`update (${updatable.join(', ')})`] : [];
  });
}

const grantedToPublic = (name: string): string =>
  `do $$ begin if not has_table_privilege('public', '${name}', 'select') then raise insufficient_privilege; end if; end $$`;
