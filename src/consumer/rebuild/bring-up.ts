import type { Transaction } from '../../platform/postgres/transaction.ts';
import { catchUpWholly, type CatchUp } from './catch-up.ts';
import { dropChecks } from './check-constraints.ts';

/**
 * Brings the second state to exactly where the live one is in this transaction, facts from outside the log included: writers of the
 * live state must be kept out, or the transaction must be a snapshot.
 * @returns the mark up to which facts are in it
 */
export async function bringUp(tx: Transaction, work: CatchUp, second: string, mark: number): Promise<number> {
  await dropChecks(tx, second);
  await catchUpWholly(tx, work, second);
  return (await work.definition.addFacts?.(tx, mark)) ?? mark;
}
