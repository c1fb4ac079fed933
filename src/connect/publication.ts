import type { Queryable } from '../platform/postgres/statement.ts';

/** A publication as Postgres has it: what a reader of the log gets to see. */
export interface Publication {
  readonly name: string;
  readonly allTables: boolean;
  /** `schema.table` of each table named in it, and `schema.*` of each schema; sorted. */
  readonly tables: readonly string[];
  /** Of `insert`, `update`, `delete`, `truncate`. */
  readonly operations: readonly string[];
  /** Rows of partitions come under the name of their table. */
  readonly viaRoot: boolean;
  /** It leaves out rows (a row filter) or columns (a column list). */
  readonly isFiltered: boolean;
  /** When it was last made or changed; undefined where the server does not track it or has forgotten. */
  readonly changedAt: Date | undefined;
}

/** Undefined when the database has no such publication. */
export async function readPublication(db: Queryable, name: string): Promise<Publication | undefined> {
  const { rows } = await db.query<PublicationRow>({
    name: 'read_publication',
    text: `
      select publication.pubname as name, publication.puballtables as all_tables, publication.pubviaroot as via_root,
             array_remove(array[case when pubinsert then 'insert' end, case when pubupdate then 'update' end,
                                case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end], null) as operations,
             coalesce(tables.names, '{}') || coalesce(schemas.names, '{}') as tables,
             coalesce(tables.filtered, false) as is_filtered,
             case when current_setting('track_commit_timestamp')::boolean then greatest(
               pg_xact_commit_timestamp(publication.xmin), tables.changed_at
             ) end as changed_at
      from pg_publication publication
      left join lateral (
        select array_agg(format('%s.%s', relnamespace::regnamespace, relname) order by relnamespace::regnamespace::text, relname) as names,
               bool_or(prqual is not null or prattrs is not null) as filtered,
               max(case when current_setting('track_commit_timestamp')::boolean then pg_xact_commit_timestamp(member.xmin) end) as changed_at
        from pg_publication_rel member join pg_class on pg_class.oid = prrelid
        where prpubid = publication.oid
      ) as tables on true
      left join lateral (
        select array_agg(format('%s.*', pnnspid::regnamespace) order by pnnspid::regnamespace::text) as names
        from pg_publication_namespace where pnpubid = publication.oid
      ) as schemas on true
      where publication.pubname = $1`,
    values: [name],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    name: row.name,
    allTables: row.all_tables,
    tables: row.tables,
    operations: row.operations,
    viaRoot: row.via_root,
    isFiltered: row.is_filtered,
    changedAt: row.changed_at ?? undefined,
  };
}

interface PublicationRow {
  readonly name: string;
  readonly all_tables: boolean;
  readonly via_root: boolean;
  readonly operations: readonly string[];
  readonly tables: readonly string[];
  readonly is_filtered: boolean;
  readonly changed_at: Date | null;
}

/** What keeps it from publishing exactly the inserts into this table, as a person would say it; empty when nothing does. */
export function publicationFaults(publication: Publication, table: string): string[] {
  const { tables, operations } = publication;
  const others = tables.filter((one) => one !== table);
  return [
    ...(publication.allTables ? ['is FOR ALL TABLES'] : []),
    ...(!publication.allTables && !tables.includes(table) ? [`leaves out ${table}`] : []),
    ...(others.length > 0 ? [`also has ${others.join(', ')}`] : []),
    ...(operations.includes('insert') ? [] : ['does not publish inserts']),
    ...(operations.some((one) => one !== 'insert')
      ? [`publishes ${operations.filter((one) => one !== 'insert').join(', ')} too`]
      : []),
    ...(publication.viaRoot ? [] : ['publishes partitions under their own names']),
    ...(publication.isFiltered ? ['leaves out rows or columns'] : []),
  ];
}
