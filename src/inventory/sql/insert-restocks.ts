import type { StockLine } from '../../contracts/generated/inventory-events.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';

/** Records returns as restocked. Fails (unique key) when another transaction has restocked one of them in the meantime. */
export async function insertRestocks(
  tx: Transaction,
  restocks: ReadonlyMap<string, readonly StockLine[]>,
  restockedAt: Date,
): Promise<void> {
  if (restocks.size === 0) return;
  await tx.query({
    name: 'insert_restocks',
    text: `insert into restocks (return_id, lines, restocked_at)
           select return_id, lines, $3 from unnest($1::uuid[], $2::jsonb[]) as done (return_id, lines)`,
    values: [[...restocks.keys()], [...restocks.values()].map((lines) => JSON.stringify(lines)), restockedAt],
  });
}
