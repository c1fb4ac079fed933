import type { Queryable } from '../../platform/postgres/statement.ts';

export interface OutboxSize {
  readonly rows: number;
  readonly bytes: number;
}

/** How much the outbox keeps: rows by the server's estimate, since counting would read all of them; bytes with indexes. */
export async function readOutboxSize(db: Queryable): Promise<OutboxSize> {
  const { rows } = await db.query<OutboxSize>({
    name: 'dashboard_read_outbox_size',
    text: `select coalesce(sum(stats.n_live_tup), 0)::bigint as rows,
                  coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint as bytes
           from pg_inherits join pg_stat_all_tables as stats on stats.relid = inhrelid
           where inhparent = 'pipeline.outbox'::regclass`,
  });
  return rows[0] ?? { rows: 0, bytes: 0 };
}
