import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Answer } from '../answer.ts';

/** The kept answers among these keys; run after insertAnswers, so that it sees what that one waited for. */
export async function findAnswers(
  tx: Transaction,
  keys: readonly { readonly clientId: string; readonly key: string }[],
): Promise<Answer[]> {
  const { rows } = await tx.query<Answer>({
    name: 'find_answers',
    text: `
      select client_id as "clientId", key, request_hash as "requestHash", http_status as "httpStatus", answer as text
      from idempotency_keys
      where (client_id, key) in (select * from unnest($1::text[], $2::text[]))`,
    values: [keys.map(({ clientId }) => clientId), keys.map(({ key }) => key)],
  });
  return rows;
}
