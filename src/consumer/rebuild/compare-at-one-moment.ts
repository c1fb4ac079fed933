import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';
import { bringUp } from './bring-up.ts';
import type { CatchUp } from './catch-up.ts';
import { findBroken } from './check-constraints.ts';
import { compareStates, type Differences } from './compare-states.ts';
import { findIncomplete, type Incomplete } from './find-incomplete.ts';
import { lockRebuild } from './rebuild-rows.ts';
import { retryInTheWay } from './retry-in-the-way.ts';
import { otherSchema } from './state-schemas.ts';

export interface Comparison extends Differences {
  readonly incomplete: Incomplete;
  /** What would refuse a swap: a constraint that the second state breaks, a sentence each. */
  readonly broken: readonly string[];
}

/** Carries a result out of a transaction that is rolled back. */
class RolledBack extends Error {
  readonly result: Comparison;
  constructor(result: Comparison) {
    super('rolled back');
    this.result = result;
  }
}

/**
 * Both states at the same moment, without a lock on the live one: in a snapshot the second is brought to the positions of the live
 * one, compared, and all of that is rolled back.
 */
export async function compareAtOneMoment(work: CatchUp, rowsPerTable: number): Promise<Comparison> {
  return retryInTheWay(async () => {
    try {
      return await inTransaction(work.pool, (tx) => compare(tx, work, rowsPerTable));
    } catch (error) {
      if (error instanceof RolledBack) return error.result;
      throw error;
    }
  });
}

async function compare(tx: Transaction, work: CatchUp, rowsPerTable: number): Promise<never> {
  const { consumer, topic, schema: live } = work.definition;
  await tx.query({ text: 'set transaction isolation level repeatable read' });
  const rebuild = await lockRebuild(tx, consumer);
  const second = otherSchema(live, rebuild.state);
  await bringUp(tx, work, second, rebuild.factsMark);
  const differences = await compareStates(tx, { live, rebuilt: second }, rowsPerTable);
  const incomplete = await findIncomplete(tx, consumer, topic);
  throw new RolledBack({ ...differences, incomplete, broken: await findBroken(tx, live, second) });
}
