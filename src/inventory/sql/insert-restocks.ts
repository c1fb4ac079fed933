import type { StockLine } from '../../contracts/generated/inventory-events.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import { decidedMeanwhile } from './decided-meanwhile.ts';

/** Records returns as restocked. @throws PipelineError `dedupe_race`, see decidedMeanwhile */
export async function insertRestocks(
  tx: Transaction,
  restocks: ReadonlyMap<string, readonly StockLine[]>,
  restockedAt: Date,
): Promise<void> {
  if (restocks.size === 0) return;
  const { rowCount } = await tx.query({
    name: 'insert_restocks',
    text: `insert into restocks (return_id, lines, restocked_at)
           select return_id, lines, $3 from unnest($1::uuid[], $2::jsonb[]) as done (return_id, lines)
           on conflict (return_id) do nothing`,
    values: [[...restocks.keys()], [...restocks.values()].map((lines) => JSON.stringify(lines)), restockedAt],
  });
  if (rowCount !== restocks.size) throw decidedMeanwhile('one of these returns');
}
