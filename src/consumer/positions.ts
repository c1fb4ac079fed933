import type { Queryable } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';

/** A consumer's place in one partition. `startOffset` is where it once began to read. */
export interface Position {
  readonly startOffset: number;
  readonly nextOffset: number;
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
  move: PartitionOfConsumer & { from: number; to: number },
): Promise<{ startOffset: number } | undefined> {
  const { rows } = await tx.query<{ start_offset: number }>({
    name: 'consumer_advance_position',
    text: `update pipeline.consumer_positions set next_offset = $5, updated_at = now()
           where consumer = $1 and topic = $2 and partition = $3 and next_offset = $4
           returning start_offset`,
    values: [move.consumer, move.topic, move.partition, move.from, move.to],
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
  const { rows } = await db.query<{ partition: number; start_offset: number; next_offset: number }>({
    name: 'consumer_read_positions',
    text: `select partition, start_offset, next_offset from pipeline.consumer_positions
           where consumer = $1 and topic = $2 and partition = any($3::int[])`,
    values: [consumer, topic, partitions],
  });
  return new Map(
    rows.map((row) => [row.partition, { startOffset: row.start_offset, nextOffset: row.next_offset }]),
  );
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
