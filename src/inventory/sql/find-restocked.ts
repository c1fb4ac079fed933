import type { Transaction } from '../../platform/postgres/transaction.ts';

/** Which of these returns have been restocked. */
export async function findRestocked(tx: Transaction, returnIds: readonly string[]): Promise<Set<string>> {
  if (returnIds.length === 0) return new Set();
  const { rows } = await tx.query<{ return_id: string }>({
    name: 'find_restocked',
    text: 'select return_id from restocks where return_id = any($1::uuid[])',
    values: [returnIds],
  });
  return new Set(rows.map((row) => row.return_id));
}
