import { PipelineError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';

export type RebuildBegin = 'base' | 'beginning' | 'outbox';
export type RebuildState = 'building' | 'swapped';

/** A second state of a consumer: where it comes from, and how far it is. */
export interface Rebuild {
  readonly consumer: string;
  readonly topic: string;
  readonly beginAt: RebuildBegin;
  readonly state: RebuildState;
  /** Records, and the milliseconds that they took. */
  readonly replayed: number;
  readonly workedMs: number;
  readonly factsMark: number;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly swappedAt: Date | null;
}

const COLUMNS = `consumer, topic, begin_at as "beginAt", state, replayed, worked_ms as "workedMs", facts_mark as "factsMark",
  started_by as "startedBy", started_at as "startedAt", swapped_at as "swappedAt"`;

export async function readRebuild(db: Queryable, consumer: string): Promise<Rebuild | undefined> {
  const { rows } = await db.query<Rebuild>({
    name: 'rebuild_read',
    text: `select ${COLUMNS} from pipeline.rebuilds where consumer = $1`,
    values: [consumer],
  });
  return rows[0];
}

/**
 * The first statement of each transaction that works on a rebuild: two processes take turns, and one that finds it gone or swapped
 * notices.
 * @throws PipelineError `rebuild_refused` when there is none
 */
export async function lockRebuild(tx: Transaction, consumer: string): Promise<Rebuild> {
  const { rows } = await tx.query<Rebuild>({
    name: 'rebuild_lock',
    text: `select ${COLUMNS} from pipeline.rebuilds where consumer = $1 for update`,
    values: [consumer],
  });
  if (rows[0] === undefined) throw noRebuild(consumer);
  return rows[0];
}

export async function insertRebuild(
  tx: Transaction,
  rebuild: Pick<Rebuild, 'consumer' | 'topic' | 'beginAt' | 'startedBy'>,
  begins: ReadonlyMap<number, number>,
): Promise<void> {
  const { consumer, topic, beginAt, startedBy } = rebuild;
  await tx.query({
    name: 'rebuild_insert',
    text: `insert into pipeline.rebuilds (consumer, topic, begin_at, state, started_by) values ($1, $2, $3, 'building', $4)`,
    values: [consumer, topic, beginAt, startedBy],
  });
  await insertPlaces(tx, consumer, begins);
}

/** A partition that was added meanwhile begins where its reader began. */
export async function insertPlaces(
  tx: Transaction,
  consumer: string,
  begins: ReadonlyMap<number, number>,
): Promise<void> {
  await tx.query({
    name: 'rebuild_insert_places',
    text: `insert into pipeline.rebuild_positions (consumer, partition, begin_at, next_offset)
           select $1, partition, begin_at, begin_at from unnest($2::int[], $3::bigint[]) as begin (partition, begin_at)
           on conflict do nothing`,
    values: [consumer, [...begins.keys()], [...begins.values()]],
  });
}

/** How far the rebuild and the live consumer are in one partition. */
export interface Reach {
  readonly partition: number;
  readonly beginAt: number;
  /** Undefined offsets: the rebuild does not know the partition yet. */
  readonly rebuilt: number;
  readonly liveStart: number;
  readonly live: number;
}

/** In the order of partitions. */
export async function readReach(db: Queryable, consumer: string, topic: string): Promise<Reach[]> {
  const { rows } = await db.query<Reach>({
    name: 'rebuild_read_reach',
    text: `select live.partition, coalesce(rebuilt.begin_at, live.start_offset) as "beginAt",
                  coalesce(rebuilt.next_offset, live.start_offset) as rebuilt,
                  live.start_offset as "liveStart", live.next_offset as live
           from pipeline.consumer_positions as live left join pipeline.rebuild_positions as rebuilt using (consumer, partition)
           where consumer = $1 and topic = $2 order by partition`,
    values: [consumer, topic],
  });
  return rows;
}

/** Nothing of the live consumer moves until the transaction ends. */
export async function lockLivePositions(tx: Transaction, consumer: string, topic: string): Promise<void> {
  await tx.query({
    name: 'rebuild_lock_live_positions',
    text: `select from pipeline.consumer_positions where consumer = $1 and topic = $2 order by partition for update`,
    values: [consumer, topic],
  });
}

export async function movePlace(
  tx: Transaction,
  move: { readonly consumer: string; readonly partition: number; readonly from: number; readonly to: number },
): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'rebuild_move_place',
    text: `update pipeline.rebuild_positions set next_offset = $4
           where consumer = $1 and partition = $2 and next_offset = $3`,
    values: [move.consumer, move.partition, move.from, move.to],
  });
  if (rowCount !== 1)
    throw new PipelineError(
      'rebuild_refused',
      `The rebuild of ${move.consumer} was moved by somebody else.`,
      {
        remedy: 'Let one process work on it; then run the command again.',
      },
    );
}

export async function countWork(
  tx: Transaction,
  consumer: string,
  records: number,
  workedMs: number,
): Promise<void> {
  await tx.query({
    name: 'rebuild_count_work',
    text: `update pipeline.rebuilds set replayed = replayed + $2, worked_ms = worked_ms + $3 where consumer = $1`,
    values: [consumer, records, Math.round(workedMs)],
  });
}

export async function deleteRebuild(tx: Transaction, consumer: string): Promise<void> {
  await tx.query({
    name: 'rebuild_delete',
    text: 'delete from pipeline.rebuilds where consumer = $1',
    values: [consumer],
  });
}

export const noRebuild = (consumer: string): PipelineError =>
  new PipelineError('rebuild_refused', `There is no rebuild of ${consumer}.`, {
    remedy: `Begin one: npx outbox rebuild start --consumer ${consumer}`,
  });
