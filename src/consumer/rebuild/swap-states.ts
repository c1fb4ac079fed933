import { PipelineError } from '../../platform/errors.ts';
import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';
import { bringUp } from './bring-up.ts';
import { catchUp, type CatchUp } from './catch-up.ts';
import { addChecks } from './check-constraints.ts';
import { findIncomplete, refuseIncomplete } from './find-incomplete.ts';
import { lockLivePositions, lockRebuild, type RebuildState } from './rebuild-rows.ts';
import { quoted, tablesOf } from './second-schema.ts';
import { retryInTheWay } from './retry-in-the-way.ts';
import { otherSchema } from './state-schemas.ts';

/** So many records are left for the moment in which the live consumer waits. */
const LEFT_FOR_THE_SWAP = 500;
export interface Swapped {
  /** For how long the live consumer and all writers of its state had to wait. */
  readonly heldMs: number;
  /** The state that was live until now. */
  readonly kept: string;
}

/**
 * Makes the second state the live one and keeps the other: a swap of what is being built, a rollback of what was swapped. In one
 * transaction: the live positions are locked, writers of the state kept out, the second state brought to exactly those positions,
 * checked, and the schemas renamed. Readers go on throughout. If the process dies anywhere in it, nothing was done.
 * @throws PipelineError `rebuild_refused`
 */
export async function swapStates(
  work: CatchUp,
  expected: RebuildState,
  signal?: AbortSignal,
): Promise<Swapped> {
  return retryInTheWay(async () => {
    await catchUp(work, { within: LEFT_FOR_THE_SWAP, ...(signal && { signal }) });
    return inTransaction(work.pool, (tx) => swap(tx, work, expected));
  });
}

async function swap(tx: Transaction, work: CatchUp, expected: RebuildState): Promise<Swapped> {
  const { consumer, topic, schema: live } = work.definition;
  await tx.query({ text: `set local lock_timeout = '3s'` });
  const rebuild = await lockRebuild(tx, consumer);
  refuseState(consumer, rebuild.state, expected);
  const second = otherSchema(live, rebuild.state);
  await lockLivePositions(tx, consumer, topic);
  const startedAt = performance.now();
  await keepWritersOut(tx, live);
  await refuseOtherColumns(tx, live, second);
  const factsMark = await bringUp(tx, work, second, rebuild.factsMark);
  refuseIncomplete(consumer, await findIncomplete(tx, consumer, topic));
  await addChecks(tx, live, second);
  const [between, kept] = [`${live}_swapping`, `${live}_before`];
  for (const [from, to] of [
    [live, between],
    [second, live],
    [between, kept],
  ] as const)
    await tx.query({ text: `alter schema ${quoted(from)} rename to ${quoted(to)}` });
  await tx.query({
    name: 'rebuild_mark_swapped',
    text: `update pipeline.rebuilds set state = 'swapped', swapped_at = now(), facts_mark = $2 where consumer = $1`,
    values: [consumer, factsMark],
  });
  return { heldMs: performance.now() - startedAt, kept };
}

/**
 * After the positions: a batch holds its position before it asks for tables, so the two can't wait in a circle. Whoever writes the
 * state by another way (a drain, an HTTP request) has finished or not begun to. EXCLUSIVE lets readers pass.
 */
async function keepWritersOut(tx: Transaction, live: string): Promise<void> {
  const tables = (await tablesOf(tx, live)).map((table) => `${quoted(live)}.${quoted(table)}`);
  if (tables.length > 0) await tx.query({ text: `lock table ${tables.join(', ')} in exclusive mode` });
}

function refuseState(consumer: string, state: RebuildState, expected: RebuildState): void {
  if (state === expected) return;
  throw expected === 'building'
    ? new PipelineError('rebuild_refused', `The rebuild of ${consumer} is swapped already.`, {
        remedy: `To go back: npx outbox rebuild rollback --consumer ${consumer}; to keep it for good: npx outbox rebuild abandon --consumer ${consumer}`,
      })
    : new PipelineError(
        'rebuild_refused',
        `The rebuild of ${consumer} was not swapped, so nothing can be rolled back.`,
        {
          remedy: `To drop it: npx outbox rebuild abandon --consumer ${consumer}`,
        },
      );
}

/** A migration ran meanwhile. */
async function refuseOtherColumns(tx: Transaction, live: string, second: string): Promise<void> {
  const { rows } = await tx.query<{ what: string }>({
    name: 'rebuild_other_columns',
    text: `with columns as (
             select relnamespace = to_regnamespace(quote_ident($1)) as is_live,
                    relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end as what
             from pg_attribute join pg_class on pg_class.oid = attrelid
             where relnamespace in (to_regnamespace(quote_ident($1)), to_regnamespace(quote_ident($2)))
               and relkind = 'r' and attnum > 0 and not attisdropped
           )
           select what from columns group by what having count(*) <> 2 order by what`,
    values: [live, second],
  });
  if (rows.length === 0) return;
  throw new PipelineError(
    'rebuild_refused',
    `The tables of ${live} were changed meanwhile (${rows.map(({ what }) => what).join(', ')}), so the two states are of different shape.`,
    { remedy: 'Abandon the rebuild, then start another one.' },
  );
}
