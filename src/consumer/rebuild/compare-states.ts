import type { Transaction } from '../../platform/postgres/transaction.ts';
import { quoted, tablesOf } from './second-schema.ts';

export type DifferenceKind = 'only live' | 'only rebuilt' | 'differs';

/** A row that is not the same in both states. */
export interface RowDifference {
  readonly table: string;
  readonly kind: DifferenceKind;
  readonly key: Readonly<Record<string, unknown>>;
  /** The columns that differ: all of them where the row is in one state only. */
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

/** One kind of difference of one table. */
export interface DifferenceSum {
  readonly table: string;
  readonly kind: DifferenceKind;
  /** Of rows that differ: the column. */
  readonly column: string | null;
  readonly rows: number;
  /** Rebuilt less live over all rows, where the column is a number. */
  readonly sum: number | null;
}

export interface Differences {
  readonly sums: readonly DifferenceSum[];
  /** The first ones of each table. */
  readonly rows: readonly RowDifference[];
}

/** Compares two states row by row, by primary key. Reads all of both. */
export async function compareStates(
  tx: Transaction,
  schemas: { readonly live: string; readonly rebuilt: string },
  rowsPerTable: number,
): Promise<Differences> {
  const found: { sums: DifferenceSum[]; rows: RowDifference[] } = { sums: [], rows: [] };
  for (const table of await tablesOf(tx, schemas.live)) {
    const different = differentRows(schemas, table, await primaryKey(tx, schemas.live, table));
    found.sums.push(...(await sumUp(tx, table, different)));
    found.rows.push(...(await firstRows(tx, table, different, rowsPerTable)));
  }
  return found;
}

async function primaryKey(tx: Transaction, schema: string, table: string): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>({
    name: 'rebuild_primary_key',
    text: `select attname::text as name from pg_constraint
           join pg_attribute on attrelid = conrelid and attnum = any(conkey)
           where contype = 'p' and conrelid = (quote_ident($1) || '.' || quote_ident($2))::regclass
           order by array_position(conkey, attnum)`,
    values: [schema, table],
  });
  return rows.map(({ name }) => name);
}

/** Columns: key, kind, live, rebuilt (rows as JSON), name of the changed columns. */
function differentRows(
  { live, rebuilt }: { readonly live: string; readonly rebuilt: string },
  table: string,
  key: readonly string[],
): string {
  const same = key.map((name) => `live.${quoted(name)} = rebuilt.${quoted(name)}`).join(' and ');
  const keyOf = key
    .map((name) => `'${name.replaceAll("'", "''")}', coalesce(live.${quoted(name)}, rebuilt.${quoted(name)})`)
    .join(', ');
  const names = key.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  return `
    select jsonb_build_object(${keyOf}) as key, array[${names}]::text[] as key_names,
           case when rebuilt is null then 'only live' when live is null then 'only rebuilt' else 'differs' end as kind,
           to_jsonb(live) as live, to_jsonb(rebuilt) as rebuilt
    from (select * from ${quoted(live)}.${quoted(table)}) as live
    full join (select * from ${quoted(rebuilt)}.${quoted(table)}) as rebuilt on ${same}
    where to_jsonb(live) is distinct from to_jsonb(rebuilt)`;
}

async function sumUp(tx: Transaction, table: string, different: string): Promise<DifferenceSum[]> {
  const { rows } = await tx.query<Omit<DifferenceSum, 'table'>>({
    text: `with different as (${different})
           select kind, null as "column", count(*) as rows, null::float8 as sum from different where kind <> 'differs' group by kind
           union all
           select kind, name, count(*), sum(case when jsonb_typeof(live -> name) = 'number' and jsonb_typeof(rebuilt -> name) = 'number'
                                                 then (rebuilt ->> name)::numeric - (live ->> name)::numeric end)::float8
           from different cross join jsonb_object_keys(live) as name
           where kind = 'differs' and live -> name is distinct from rebuilt -> name
           group by kind, name order by 1, 2`,
  });
  return rows.map((row) => ({ table, ...row }));
}

async function firstRows(
  tx: Transaction,
  table: string,
  different: string,
  limit: number,
): Promise<RowDifference[]> {
  const { rows } = await tx.query<Omit<RowDifference, 'table'>>({
    text: `with different as (${different} limit ${limit})
           select key, kind, changed.live, changed.rebuilt from different
           cross join lateral (
             select jsonb_object_agg(name, different.live -> name) filter (where different.live is not null) as live,
                    jsonb_object_agg(name, different.rebuilt -> name) filter (where different.rebuilt is not null) as rebuilt
             from jsonb_object_keys(coalesce(different.live, different.rebuilt)) as name
             where name <> all (key_names) and different.live -> name is distinct from different.rebuilt -> name
           ) as changed
           order by key::text`,
  });
  return rows.map((row) => ({ table, ...row }));
}
