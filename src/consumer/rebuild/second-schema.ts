import { PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';

/** What a copy of tables would leave out without a word. */
const NOT_COPIED = `
  select 'view ' || relname as what from pg_class
  where relnamespace = $1::regnamespace and relkind in ('v', 'm')
  union all
  select 'foreign or partitioned table ' || relname from pg_class
  where relnamespace = $1::regnamespace and (relkind in ('p', 'f') or relispartition)
  union all
  select 'table ' || relname || ' without primary key' from pg_class
  where relnamespace = $1::regnamespace and relkind = 'r'
    and not exists (select from pg_constraint where conrelid = pg_class.oid and contype = 'p')
  union all
  select 'trigger ' || tgname from pg_trigger join pg_class on pg_class.oid = tgrelid
  where relnamespace = $1::regnamespace and not tgisinternal
  union all
  select 'sequence ' || relname from pg_class
  where relnamespace = $1::regnamespace and relkind = 'S'
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'i')
  union all
  select 'column grant on ' || relname from pg_attribute join pg_class on pg_class.oid = attrelid
  where relnamespace = $1::regnamespace and attacl is not null
  union all
  select 'row security of ' || relname from pg_class where relnamespace = $1::regnamespace and relrowsecurity
  union all
  select 'foreign key ' || conname || ' from outside' from pg_constraint
  join pg_class on pg_class.oid = confrelid join pg_class as owner on owner.oid = conrelid
  where contype = 'f' and pg_class.relnamespace = $1::regnamespace and owner.relnamespace <> $1::regnamespace`;

/** The statements that make the copy, in order: tables, unique constraints, indexes, storage, grants. Names stay what they are. */
const COPY = `
  select 1 as step, format('create table %I.%I (like %I.%I including defaults including generated including identity including storage including compression including comments)',
                           $2::text, relname, $1::text, relname) as text
  from pg_class where relnamespace = $1::text::regnamespace and relkind = 'r'
  union all
  select 2, format('alter table %I.%I add constraint %I %s', $2::text, relname, conname, pg_get_constraintdef(pg_constraint.oid, true))
  from pg_constraint join pg_class on pg_class.oid = conrelid
  where relnamespace = $1::text::regnamespace and relkind = 'r' and contype in ('p', 'u', 'x')
  union all
  select 3, pg_get_indexdef(indexrelid, 0, true)
  from pg_index join pg_class on pg_class.oid = indrelid
  where relnamespace = $1::text::regnamespace and relkind = 'r'
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
  union all
  select 4, format('alter table %I.%I set (%s)', $2::text, relname, array_to_string(reloptions, ', '))
  from pg_class where relnamespace = $1::text::regnamespace and relkind = 'r' and reloptions is not null
  union all
  select 5, format('grant %s on %I.%I to %s', privilege_type, $2::text, relname,
                   case when grantee = 0 then 'public' else quote_ident(grantee::regrole::text) end)
  from pg_class cross join aclexplode(relacl)
  where relnamespace = $1::text::regnamespace and relkind = 'r' and grantee <> relowner
  union all
  select 5, format('grant %s on schema %I to %s', privilege_type, $2::text,
                   case when grantee = 0 then 'public' else quote_ident(grantee::regrole::text) end)
  from pg_namespace cross join aclexplode(nspacl)
  where oid = $1::text::regnamespace and grantee <> nspowner
  order by step`;

/**
 * Makes an empty copy of a schema's tables: same columns, keys, indexes, storage and grants, each under its own name, so that a later
 * migration finds what it knows. Check and foreign key constraints come with the swap (`checkConstraints`): while events are replayed
 * key by key a state may pass through what they forbid.
 * @throws PipelineError `rebuild_refused` for what can't be copied
 */
export async function createSecondSchema(tx: Transaction, live: string, second: string): Promise<void> {
  const { rows: missing } = await tx.query<{ what: string }>({
    name: 'rebuild_find_not_copied',
    text: NOT_COPIED,
    values: [live],
  });
  if (missing.length > 0)
    throw new PipelineError(
      'rebuild_refused',
      `Schema ${live} has what a rebuild does not copy: ${missing.map(({ what }) => what).join(', ')}.`,
      { remedy: 'Keep only plain tables in the schema of a consumer’s state.' },
    );
  await tx.query({ text: `create schema ${quoted(second)}` });
  // Definitions name tables without schema where the search_path has them.
  await tx.query({ text: `set local search_path to ${quoted(live)}` });
  const { rows } = await tx.query<{ text: string }>({
    name: 'rebuild_copy_statements',
    text: COPY,
    values: [live, second],
  });
  await tx.query({ text: `set local search_path to ${quoted(second)}` });
  for (const { text } of rows) await tx.query({ text });
}

export async function dropSchema(tx: Transaction, schema: string): Promise<void> {
  await tx.query({ text: `drop schema if exists ${quoted(schema)} cascade` });
}

export async function tablesOf(db: Queryable, schema: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({
    name: 'rebuild_tables',
    text: `select relname::text as name from pg_class where relnamespace = to_regnamespace(quote_ident($1)) and relkind = 'r' order by relname`,
    values: [schema],
  });
  return rows.map(({ name }) => name);
}

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/** So that the planner knows the new tables before anybody asks them. */
export async function analyzeSchema(db: Queryable, schema: string): Promise<void> {
  const tables = (await tablesOf(db, schema)).map((table) => `${quoted(schema)}.${quoted(table)}`);
  if (tables.length > 0) await db.query({ text: `analyze ${tables.join(', ')}` });
}

/** Unqualified names of a definition's statements are looked up there until the transaction ends. */
export async function lookInto(tx: Transaction, schema: string): Promise<void> {
  await tx.query({
    name: 'rebuild_look_into',
    text: `select set_config('search_path', quote_ident($1), true)`,
    values: [schema],
  });
}
