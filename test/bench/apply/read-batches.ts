import type { Queryable } from '../../../src/platform/postgres/statement.ts';

/** The committed batches, as Postgres has kept them. */
export interface Batches {
  /** Orders of each batch, in the order of the commits. */
  readonly sizes: readonly number[];
  /** From the first commit to the last. */
  readonly seconds: number;
}

export async function countApplied(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ applied: number }>({
    name: 'bench_count_applied',
    text: `select coalesce(sum(next_offset - start_offset), 0)::bigint as applied
           from pipeline.consumer_positions where consumer = 'inventory'`,
  });
  return rows[0]?.applied ?? 0;
}

/** After the run: each batch is one transaction, and Postgres knows when it was committed (track_commit_timestamp). */
export async function readBatches(db: Queryable): Promise<Batches> {
  const { rows } = await db.query<{ events: number; at: number }>({
    name: 'bench_read_batches',
    text: `select count(*) as events, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as at
           from pipeline.processed_events where consumer = 'inventory' group by xmin order by at`,
  });
  const [first, last] = [rows[0]?.at ?? 0, rows.at(-1)?.at ?? 0];
  return { sizes: rows.map(({ events }) => events), seconds: last - first };
}
