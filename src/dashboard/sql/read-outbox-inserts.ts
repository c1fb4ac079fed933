import type { Queryable } from '../../platform/postgres/statement.ts';

/**
 * How many rows have been inserted into the outbox since the server's statistics began, by its statistics: counting the rows would
 * read all of them. Bytes of log since its beginning come along. Rows of transactions that are not yet reported are missing.
 */
export async function readOutboxInserts(db: Queryable): Promise<{ rows: number; logBytes: number }> {
  const { rows } = await db.query<{ rows: number; logBytes: number }>({
    name: 'dashboard_read_outbox_inserts',
    text: `select coalesce(sum(stats.n_tup_ins), 0)::bigint as rows,
                  (pg_current_wal_lsn() - '0/0')::bigint as "logBytes"
           from pg_inherits join pg_stat_all_tables as stats on stats.relid = inhrelid
           where inhparent = 'pipeline.outbox'::regclass`,
  });
  return rows[0] ?? { rows: 0, logBytes: 0 };
}
