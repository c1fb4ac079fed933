import { setTimeout as delay } from 'node:timers/promises';
import { PipelineError } from '../../platform/errors.ts';
import { sqlState } from '../../platform/postgres/postgres-errors.ts';
import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';
import { catchUp, catchUpWholly, type CatchUp } from './catch-up.ts';
import { addChecks, dropChecks } from './check-constraints.ts';
import { compareStates, type Differences } from './compare-states.ts';
import { findBroken } from './check-constraints.ts';
import { findIncomplete, refuseIncomplete, type Incomplete } from './find-incomplete.ts';
import { lockLivePositions, lockRebuild, type RebuildState } from './rebuild-rows.ts';
import { dropSchema, quoted, tablesOf } from './second-schema.ts';
import { otherSchema } from './state-schemas.ts';

/** So many records are left for the moment in which the live consumer waits. */
const LEFT_FOR_THE_SWAP = 500;
const TRIES = 10;

/** What is in the way of a lock goes away: lock_timeout, deadlock, a conflict with another transaction. */
const IN_THE_WAY = ['55P03', '40P01', '40001'];

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
export async function swapStates(work: CatchUp, expected: RebuildState, signal?: AbortSignal): Promise<Swapped> {
  for (let attempt = 1; ; attempt++) {
    await catchUp(work, { within: LEFT_FOR_THE_SWAP, ...(signal && { signal }) });
    try {
      return await inTransaction(work.pool, (tx) => swap(tx, work, expected));
    } catch (error) {
      if (attempt === TRIES || !IN_THE_WAY.includes(sqlState(error) ?? '')) throw error;
      await delay(100 * attempt);
    }
  }
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

/** Exactly where the live state is. @returns the mark up to which facts are in it */
async function bringUp(tx: Transaction, work: CatchUp, second: string, mark: number): Promise<number> {
  await dropChecks(tx, second);
  await catchUpWholly(tx, work, second);
  return (await work.definition.addFacts?.(tx, mark)) ?? mark;
}

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
  for (let attempt = 1; ; attempt++)
    try {
      return await inTransaction(work.pool, (tx) => compare(tx, work, rowsPerTable));
    } catch (error) {
      if (error instanceof RolledBack) return error.result;
      // Somebody else has moved the rebuild since the snapshot.
      if (attempt === TRIES || !IN_THE_WAY.includes(sqlState(error) ?? '')) throw error;
    }
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

/** Gives up the second state, or the one that was kept. @returns the schema that is gone */
export async function abandonRebuild(work: Pick<CatchUp, 'pool' | 'definition'>): Promise<string> {
  const { consumer, schema } = work.definition;
  return inTransaction(work.pool, async (tx) => {
    await tx.query({ text: `set local lock_timeout = '3s'` });
    const { state } = await lockRebuild(tx, consumer);
    const second = otherSchema(schema, state);
    await dropSchema(tx, second);
    await tx.query({ name: 'rebuild_delete', text: 'delete from pipeline.rebuilds where consumer = $1', values: [consumer] });
    return second;
  });
}

function refuseState(consumer: string, state: RebuildState, expected: RebuildState): void {
  if (state === expected) return;
  throw expected === 'building'
    ? new PipelineError('rebuild_refused', `The rebuild of ${consumer} is swapped already.`, {
        remedy: `To go back: npx outbox rebuild rollback --consumer ${consumer}; to keep it for good: npx outbox rebuild abandon --consumer ${consumer}`,
      })
    : new PipelineError('rebuild_refused', `The rebuild of ${consumer} was not swapped, so nothing can be rolled back.`, {
        remedy: `To drop it: npx outbox rebuild abandon --consumer ${consumer}`,
      });
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
