import type { Queryable } from '../../platform/postgres/statement.ts';
import { FIRST_ID } from './event-row.ts';

/** Everything up to this id is proven; undefined while no audit is in use. */
export async function readAuditedThrough(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ through: string }>({
    name: 'audit_read_through',
    text: 'select audited_through as through from pipeline.outbox_audit',
  });
  return rows[0]?.through;
}

/**
 * From now on days of the outbox are dropped only when an audit has passed them. Only an audit that goes on and on may begin this:
 * after a single one the outbox would keep its rows for ever.
 */
export async function beginAuditing(db: Queryable): Promise<void> {
  await db.query({
    name: 'audit_begin',
    text: 'insert into pipeline.outbox_audit (audited_through) values ($1) on conflict do nothing',
    values: [FIRST_ID],
  });
}

/**
 * Moves the mark, never back: of two audits each has proven its own part, so the higher one holds. A mark that nobody began stays
 * away. Dying before it only means that the next round proves the same rows again.
 */
export async function saveAuditedThrough(db: Queryable, through: string): Promise<void> {
  await db.query({
    name: 'audit_save_through',
    text: `
      update pipeline.outbox_audit set audited_through = greatest(audited_through, $1::uuid), audited_at = clock_timestamp()`,
    values: [through],
  });
}
