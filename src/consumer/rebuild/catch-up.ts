import type { Pool } from '../../platform/postgres/pool.ts';
import { inTransaction, type Transaction } from '../../platform/postgres/transaction.ts';
import { dropChecks } from './check-constraints.ts';
import type { LogReader } from './log-reader.ts';
import { replayRecords, type Replay } from './replay-records.ts';
import { takeLeft } from './replay-rows.ts';
import {
  countWork,
  insertPlaces,
  lockRebuild,
  movePlace,
  readReach,
  type Reach,
  type Rebuild,
} from './rebuild-rows.ts';
import { lookInto } from './second-schema.ts';
import { otherSchema } from './state-schemas.ts';

/** Records of one transaction. Larger than a live batch: nobody waits for it. */
const STEP = 2_000;

export interface CatchUp extends Replay {
  readonly pool: Pool;
  readonly reader: LogReader;
}

export interface Progress {
  /** Records of the log that the live consumer is past, and how many of them are in the second state. */
  readonly total: number;
  readonly done: number;
  /** Records a second while it worked; undefined before anything was replayed. */
  readonly perSecond: number | undefined;
  /** Until it is where the live state is now. */
  readonly msLeft: number | undefined;
}

/** Pure. */
export function progressOf(
  reaches: readonly Reach[],
  { replayed, workedMs }: Pick<Rebuild, 'replayed' | 'workedMs'>,
): Progress {
  const sum = (of: (reach: Reach) => number): number => reaches.reduce((all, reach) => all + of(reach), 0);
  const total = sum(({ live, beginAt }) => Math.max(0, live - beginAt));
  const done = sum(({ rebuilt, live, beginAt }) => Math.max(0, Math.min(rebuilt, live) - beginAt));
  const perSecond = replayed === 0 || workedMs === 0 ? undefined : (replayed * 1_000) / workedMs;
  const left = total - done;
  const msLeft = left === 0 ? 0 : perSecond === undefined ? undefined : (left * 1_000) / perSecond;
  return { total, done, perSecond, msLeft };
}

/**
 * Replays, transaction by transaction, until the second state is within `within` records of the live one, which goes on meanwhile. If
 * the process dies, what was committed stays, and the next call goes on behind it.
 * @param onProgress called after each commit
 */
export async function catchUp(
  work: CatchUp,
  options: {
    readonly within: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  },
): Promise<Progress> {
  const { pool, definition, reader } = work;
  const { consumer, topic } = definition;
  await inTransaction(pool, (tx) => letPassThroughAnything(tx, work));
  for (;;) {
    options.signal?.throwIfAborted();
    let moved = false;
    for (const { partition } of await readReach(pool, consumer, topic)) {
      const to = await inTransaction(pool, (tx) => catchUpStep(tx, work, partition));
      if (to === undefined) continue;
      // Committed: nobody needs what is below.
      reader.forget(partition, to);
      moved = true;
    }
    const { progress } = await inTransaction(pool, (tx) => readProgress(tx, work));
    options.onProgress?.(progress);
    if (!moved || progress.total - progress.done <= options.within) return progress;
  }
}

/** A state that was live before has its constraints still; a swap gives them to whatever becomes live. */
async function letPassThroughAnything(tx: Transaction, { definition }: CatchUp): Promise<void> {
  const { state } = await lockRebuild(tx, definition.consumer);
  await dropChecks(tx, otherSchema(definition.schema, state));
}

export async function readProgress(
  tx: Transaction,
  { definition: { consumer, topic } }: Pick<CatchUp, 'definition'>,
): Promise<{ rebuild: Rebuild; progress: Progress }> {
  const rebuild = await lockRebuild(tx, consumer);
  return { rebuild, progress: progressOf(await readReach(tx, consumer, topic), rebuild) };
}

/** @returns up to where the partition is replayed now; undefined when the live consumer is no further */
async function catchUpStep(tx: Transaction, work: CatchUp, partition: number): Promise<number | undefined> {
  const { consumer, topic, schema } = work.definition;
  const rebuild = await lockRebuild(tx, consumer);
  const reach = (await readReach(tx, consumer, topic)).find((one) => one.partition === partition);
  if (reach === undefined || reach.rebuilt >= reach.live) return undefined;
  await lookInto(tx, otherSchema(schema, rebuild.state));
  return replayStep(tx, work, reach);
}

/**
 * Brings the second state to exactly where the live one is in this transaction: its positions must be locked, or a snapshot's. Only
 * then can be said of what was left before whether it counts.
 */
export async function catchUpWholly(tx: Transaction, work: CatchUp, target: string): Promise<void> {
  const { consumer, topic } = work.definition;
  await lookInto(tx, target);
  for (const reach of await readReach(tx, consumer, topic)) {
    let { rebuilt } = reach;
    while (rebuilt < reach.live) rebuilt = await replayStep(tx, work, { ...reach, rebuilt });
  }
  const starts = new Map(
    (await readReach(tx, consumer, topic)).map(({ partition, liveStart }) => [partition, liveStart]),
  );
  for (;;) {
    const left = await takeLeft(tx, consumer, STEP);
    if (left.length === 0) return;
    for (const [partition, records] of Map.groupBy(left, (one) => one.partition))
      await replayRecords(tx, work, {
        partition,
        records: records.map(({ record }) => record),
        liveStart: starts.get(partition) ?? 0,
        isComplete: true,
      });
  }
}

async function replayStep(tx: Transaction, work: CatchUp, reach: Reach): Promise<number> {
  const { consumer } = work.definition;
  const { partition, rebuilt: from, live: end, liveStart } = reach;
  const startedAt = performance.now();
  const { records, to } = await work.reader.read(partition, { from, end, max: STEP });
  await insertPlaces(tx, consumer, new Map([[partition, reach.beginAt]]));
  await replayRecords(tx, work, { partition, records, liveStart, isComplete: false });
  await movePlace(tx, { consumer, partition, from, to });
  await countWork(tx, consumer, records.length, performance.now() - startedAt);
  return to;
}
