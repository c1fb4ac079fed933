import { inTransaction } from '../../platform/postgres/transaction.ts';
import type { CatchUp } from './catch-up.ts';
import { deleteRebuild, lockRebuild } from './rebuild-rows.ts';
import { dropSchema } from './second-schema.ts';
import { otherSchema } from './state-schemas.ts';

/** Gives up the second state, or the one that was kept. @returns the schema that is gone */
export async function abandonRebuild(work: Pick<CatchUp, 'pool' | 'definition'>): Promise<string> {
  const { consumer, schema } = work.definition;
  return inTransaction(work.pool, async (tx) => {
    await tx.query({ text: `set local lock_timeout = '3s'` });
    const { state } = await lockRebuild(tx, consumer);
    const second = otherSchema(schema, state);
    await dropSchema(tx, second);
    await deleteRebuild(tx, consumer);
    return second;
  });
}
