import type { Transaction } from '../../platform/postgres/transaction.ts';
import type { Answer } from '../answer.ts';

/**
 * Keeps the answers whose key is not taken and gives their keys back. Where another transaction is about to take a key,
 * this waits for its end. Sorted by key, so that two bulk requests with the same keys wait for each other in one direction.
 * No key may stand twice for one client.
 */
export async function insertAnswers(
  tx: Transaction,
  answers: readonly Answer[],
  createdAt: Date,
): Promise<{ clientId: string; key: string }[]> {
  const { rows } = await tx.query<{ clientId: string; key: string }>({
    name: 'insert_answers',
    text: `
      insert into idempotency_keys (client_id, key, request_hash, http_status, answer, created_at)
      select client_id, key, request_hash, http_status, answer, $6
      from unnest($1::text[], $2::text[], $3::bytea[], $4::integer[], $5::text[])
        as given (client_id, key, request_hash, http_status, answer)
      order by client_id collate "C", key collate "C"
      on conflict (client_id, key) do nothing
      returning client_id as "clientId", key`,
    values: [
      answers.map((answer) => answer.clientId),
      answers.map((answer) => answer.key),
      answers.map((answer) => answer.requestHash),
      answers.map((answer) => answer.httpStatus),
      answers.map((answer) => answer.text),
      createdAt,
    ],
  });
  return rows;
}
