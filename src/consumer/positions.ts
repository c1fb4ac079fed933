import type { Queryable } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';

/** An event and where in its partition it was read. */
export interface EventPlace {
  readonly offset: number;
  readonly eventId: string;
}

/** A consumer's place in one partition. `startOffset` is where it once began to read. */
export interface Position {
  readonly startOffset: number;
  readonly nextOffset: number;
  /** What it moved over last; undefined when nothing was read, or the position was set back. */
  readonly last?: EventPlace;
}

export interface PartitionOfConsumer {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * Moves the position from where its owner believes it is. First statement of a batch's transaction: it locks the row, so
 * of two instances that believe to own the partition the second waits and then finds that it does not.
 * @returns where the reader began, or undefined when the position is not at `from`.
 */
export async function advancePosition(
  tx: Transaction,
  move: PartitionOfConsumer & { from: number; to: number; last?: EventPlace | undefined },
): Promise<{ startOffset: number } | undefined> {
  const { rows } = await tx.query<{ start_offset: number }>({
    name: 'consumer_advance_position',
    text: `update pipeline.consumer_positions set next_offset = $5, updated_at = now(),
             last_offset = coalesce($6, last_offset), last_event_id = coalesce($7, last_event_id)
           where consumer = $1 and topic = $2 and partition = $3 and next_offset = $4
           returning start_offset`,
    values: [
      ...[move.consumer, move.topic, move.partition, move.from, move.to],
      ...[move.last?.offset, move.last?.eventId],
    ],
  });
  return rows[0] === undefined ? undefined : { startOffset: rows[0].start_offset };
}

/**
 * Reads the positions of some partitions; a partition without one begins at its log's first offset.
 * Each of the two statements stands for itself: two instances may do it at once, the first decides.
 */
export async function ensurePositions(
  db: Queryable,
  options: { consumer: string; topic: string; logStarts: ReadonlyMap<number, number> },
): Promise<Map<number, Position>> {
  const { consumer, topic, logStarts } = options;
  const partitions = [...logStarts.keys()];
  await db.query({
    name: 'consumer_begin_positions',
    text: `insert into pipeline.consumer_positions (consumer, topic, partition, start_offset, next_offset)
           select $1, $2, partition, log_start, log_start
           from unnest($3::int[], $4::bigint[]) as begin (partition, log_start)
           on conflict do nothing`,
    values: [consumer, topic, partitions, [...logStarts.values()]],
  });
  const { rows } = await db.query<PositionRow>({
    name: 'consumer_read_positions',
    text: `select partition, start_offset, next_offset, last_offset, last_event_id from pipeline.consumer_positions
           where consumer = $1 and topic = $2 and partition = any($3::int[])`,
    values: [consumer, topic, partitions],
  });
  return new Map(rows.map((row) => [row.partition, positionOf(row)]));
}

interface PositionRow {
  readonly partition: number;
  readonly start_offset: number;
  readonly next_offset: number;
  readonly last_offset: number | null;
  readonly last_event_id: string | null;
}

function positionOf(row: PositionRow): Position {
  const {
    start_offset: startOffset,
    next_offset: nextOffset,
    last_offset: offset,
    last_event_id: eventId,
  } = row;
  const isLast = offset !== null && eventId !== null && offset < nextOffset;
  return { startOffset, nextOffset, ...(isLast && { last: { offset, eventId } }) };
}

/**
 * Lets a consumer begin again at the first record that each log still has: what it has applied it knows, what is missing then shows as a
 * gap. For a log that was made anew or cut. One statement: done or not done. An instance that runs finds its position moved, and follows.
 * @returns where each partition was
 */
export async function resetPositions(
  db: Queryable,
  options: { consumer: string; topic: string; logStarts: ReadonlyMap<number, number> },
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ partition: number; was: number }>({
    name: 'consumer_reset_positions',
    text: `with there as (
             select partition, next_offset as was, log_start
             from pipeline.consumer_positions join unnest($3::int[], $4::bigint[]) as log (partition, log_start) using (partition)
             where consumer = $1 and topic = $2
             order by partition
             for update of consumer_positions),
           gone as (
             delete from pipeline.consumer_positions where consumer = $1 and topic = $2 and partition <> all ($3))
           update pipeline.consumer_positions as position
           set start_offset = least(start_offset, log_start), next_offset = log_start,
               last_offset = null, last_event_id = null, updated_at = now()
           from there
           where consumer = $1 and topic = $2 and position.partition = there.partition
           returning position.partition, was`,
    values: [options.consumer, options.topic, [...options.logStarts.keys()], [...options.logStarts.values()]],
  });
  return new Map(rows.map(({ partition, was }) => [partition, was]));
}

/** Where the reader of a partition began; undefined when it has not. */
export async function readStartOffset(
  tx: Transaction,
  { consumer, topic, partition }: PartitionOfConsumer,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ start_offset: number }>({
    name: 'consumer_read_start_offset',
    text: `select start_offset from pipeline.consumer_positions
           where consumer = $1 and topic = $2 and partition = $3`,
    values: [consumer, topic, partition],
  });
  return rows[0]?.start_offset;
}
