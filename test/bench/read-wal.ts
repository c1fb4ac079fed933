import type { Queryable } from '../../src/platform/postgres/statement.ts';

/** Bytes of log that the whole server has written so far: for all databases, and for what a relay writes. */
export async function readWal(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>({
    name: 'bench_read_wal',
    text: `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint as bytes`,
  });
  return rows[0]?.bytes ?? 0;
}
