import type { Queryable } from '../../platform/postgres/statement.ts';

/** How far back the outbox can tell again what was said. */
export interface RetainedRows {
  /** Start of its oldest day; undefined without any partition. */
  readonly from: Date | undefined;
  /** Where its oldest rows stand in the log; undefined when there is none. */
  readonly firstLsn: bigint | undefined;
  /** Nothing was ever dropped: its oldest rows are the first of their keys. */
  readonly isWhole: boolean;
}

/** Looks at the oldest 1,000 rows only, so that it is quick however much is kept. */
export async function readRetainedRows(db: Queryable): Promise<RetainedRows> {
  const { rows } = await db.query<{
    readonly kept_from: Date | null;
    readonly first_lsn: string | null;
    readonly is_whole: boolean;
  }>({
    name: 'read_retained_rows',
    text: `
      with oldest as (
        select topic, partition_key, key_seq, insert_lsn from pipeline.outbox order by id limit 1000
      ), first_of_keys as (
        select min(key_seq) as key_seq from oldest group by topic, partition_key
      )
      select
        (select to_date(min(right(relname, 8)), 'YYYYMMDD')::timestamp at time zone 'UTC'
         from pg_inherits join pg_class on pg_class.oid = inhrelid
         where inhparent = 'pipeline.outbox'::regclass) as kept_from,
        (select (min(insert_lsn) - '0/0')::text from oldest) as first_lsn,
        case when exists (select from oldest) then not exists (select from first_of_keys where key_seq > 1)
             else not exists (select from pipeline.outbox_keys) end as is_whole`,
  });
  const [row] = rows;
  return {
    from: row?.kept_from ?? undefined,
    firstLsn: row === undefined || row.first_lsn === null ? undefined : BigInt(row.first_lsn),
    isWhole: row?.is_whole ?? false,
  };
}

/** Up to where events are known to have been read; a position only where it is of the server as it is now. */
export interface LastRead {
  readonly at: Date | undefined;
  readonly lsn: bigint | undefined;
}

/** What may be gone for good, in a sentence; undefined when everything since the last read is still in the outbox. */
export function lostRows(retained: RetainedRows, lastRead: LastRead): string | undefined {
  const { from, firstLsn, isWhole } = retained;
  if (isWhole) return undefined;
  if (lastRead.at !== undefined && from !== undefined && lastRead.at >= from) return undefined;
  if (lastRead.lsn !== undefined && firstLsn !== undefined && lastRead.lsn >= firstLsn) return undefined;
  const kept = from === undefined ? 'keeps no rows any more' : `keeps only rows since ${from.toISOString()}`;
  const gap =
    lastRead.at === undefined
      ? 'how far events had been read before is not known'
      : `events had been read up to ${lastRead.at.toISOString()}`;
  return `The outbox ${kept}, and ${gap}: what was written between, if anything, can't be said again. Consumers that miss a sequence of a key hold that key; look into a backup for the rows.`;
}
