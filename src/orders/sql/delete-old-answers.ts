import type { Queryable } from '../../platform/postgres/statement.ts';

/** Deletes at most `limit` answers from before that time; gives their number. */
export async function deleteOldAnswers(db: Queryable, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'delete_old_answers',
    text: `
      delete from orders.idempotency_keys
      where ctid in (
        select ctid from orders.idempotency_keys where created_at < $1 order by created_at limit $2)`,
    values: [before, limit],
  });
  return rowCount;
}
