import type { Queryable } from '../platform/postgres/statement.ts';
import type { StartMark } from './decide-start.ts';
import type { PartitionOfConsumer } from './positions.ts';

export async function readStart(db: Queryable, at: PartitionOfConsumer): Promise<StartMark | undefined> {
  const { rows } = await db.query<StartMark>({
    name: 'consumer_read_start',
    text: `select from_offset as "from", to_offset as "to", suspect_to as "suspectTo", times
           from pipeline.started_batches where consumer = $1 and topic = $2 and partition = $3`,
    values: [at.consumer, at.topic, at.partition],
  });
  return rows[0];
}

/** Committed by itself, before the batch is worked on: a process that dies over it leaves it behind. */
export async function writeStart(db: Queryable, at: PartitionOfConsumer, mark: StartMark): Promise<void> {
  await db.query({
    name: 'consumer_write_start',
    text: `insert into pipeline.started_batches
             (consumer, topic, partition, from_offset, to_offset, suspect_to, times, started_at)
           values ($1, $2, $3, $4, $5, $6, $7, now())
           on conflict (consumer, topic, partition) do update
             set from_offset = excluded.from_offset, to_offset = excluded.to_offset, suspect_to = excluded.suspect_to,
                 times = excluded.times, started_at = excluded.started_at`,
    values: [at.consumer, at.topic, at.partition, mark.from, mark.to, mark.suspectTo, mark.times],
  });
}

/**
 * Up to `to` all is well.
 * @returns false when something behind it is still suspected
 */
export async function clearStart(db: Queryable, at: PartitionOfConsumer, to: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'consumer_clear_start',
    text: `delete from pipeline.started_batches
           where consumer = $1 and topic = $2 and partition = $3 and suspect_to <= $4`,
    values: [at.consumer, at.topic, at.partition, to],
  });
  return rowCount > 0;
}
