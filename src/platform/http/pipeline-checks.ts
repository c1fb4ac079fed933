import type { Pool } from '../postgres/pool.ts';
import type { CheckResult } from './health-routes.ts';

/** For /readyz: one round trip to Postgres. */
export function postgresCheck(pool: Pool): () => Promise<CheckResult> {
  return async () => {
    await pool.query({ name: 'check_postgres', text: 'select 1', values: [] });
    return { ok: true, detail: 'answers' };
  };
}

/**
 * For /healthz/pipeline: whether someone reads the service's replication slot, and how many bytes of log wait there.
 * An unread slot holds the log back until the disk is full, so much behind is red even while it is active.
 */
export function replicationSlotCheck(
  pool: Pool,
  slot: string,
  mostBytesBehind = 256 * 1024 * 1024,
): () => Promise<CheckResult> {
  return async () => {
    const { rows } = await pool.query<{ active: boolean; bytes_behind: string | null }>({
      name: 'check_replication_slot',
      text: `
        select active, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) as bytes_behind
        from pg_replication_slots
        where slot_name = $1`,
      values: [slot],
    });
    const [found] = rows;
    if (found === undefined)
      return { ok: false, detail: `slot ${slot} does not exist: register the connector` };
    const behind = Number(found.bytes_behind ?? 0);
    if (!found.active) return { ok: false, detail: `slot ${slot} is read by nobody, ${behind} bytes behind` };
    return { ok: behind <= mostBytesBehind, detail: `slot ${slot} is active, ${behind} bytes behind` };
  };
}
