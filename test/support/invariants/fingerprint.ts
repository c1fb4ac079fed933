import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Violation } from './invariants.ts';

/** By table: how many rows it has, and a hash of all of them. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Where a consumer stands is what a replay changes; batches are marked only while they are worked on. */
const MOVES = ['pipeline.consumer_positions', 'pipeline.started_batches'];

const TABLES = `
  select format('%I.%I', nspname, relname) as name
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relkind in ('r', 'p') and not relispartition
    and nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_'
  order by 1`;

/** Every row of every table of a database. @param admin as the superuser: some tables are nobody else's to read */
export async function fingerprint(database: string, admin: Queryable): Promise<Fingerprint> {
  const tables = await rowsOf<{ name: string }>(admin, TABLES);
  const prints = new Map<string, string>();
  for (const { name } of tables.filter((table) => !MOVES.includes(table.name))) {
    const [print] = await rowsOf<{ rows: number; hash: string }>(
      admin,
      `select count(*) as rows, coalesce(md5(string_agg(hash, '' order by hash)), '') as hash
       from (select md5(t::text) as hash from ${name} as t) as hashed`,
    );
    prints.set(`${database}: ${name}`, `${print?.rows ?? 0} rows, ${print?.hash ?? ''}`);
  }
  return prints;
}

/** What is different after everything was read once more. */
export function checkReplay(before: Fingerprint, after: Fingerprint): Violation[] {
  return violations(
    'replay-changes-nothing',
    [...new Set([...before.keys(), ...after.keys()])]
      .filter((table) => before.get(table) !== after.get(table))
      .map((table) => `${table} was ${before.get(table) ?? 'not there'}, is ${after.get(table) ?? 'gone'}`),
  );
}
