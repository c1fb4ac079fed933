import { PipelineError } from '../platform/errors.ts';
import { binaryArray } from '../platform/postgres/binary-array.ts';
import { sqlState } from '../platform/postgres/postgres-errors.ts';
import type { Statement } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumedEvent } from './define-consumer.ts';

export interface ProcessedEvent {
  readonly event: Pick<ConsumedEvent, 'eventId' | 'topic' | 'key' | 'partition' | 'offset'>;
  readonly outcome: string;
  /** As its header says; null where that can't be read. */
  readonly type: string | null;
  /** The outcome is a word of the consumer's `apply`; otherwise of the runtime. */
  readonly applied: boolean;
  /** null where the record does not say. */
  readonly occurredAt: Date | null;
}

/**
 * Which of these events this consumer is done with already.
 * The bounds let Postgres look into the days that can hold the ids, and not into a month of partitions.
 */
export async function selectProcessed(
  tx: Transaction,
  consumer: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const { lowest, highest } = bounds(eventIds);
  const { rows } = await tx.query<{ event_id: string }>({
    name: 'consumer_select_processed',
    text: `select event_id from pipeline.processed_events
           where consumer = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4`,
    values: [consumer, binaryArray('uuid', eventIds), lowest, highest],
  });
  return new Set(rows.map((row) => row.event_id));
}

const UNIQUE_VIOLATION = '23505';

/**
 * Records how events ended. Each must be new: `selectProcessed` has told them from the others. There is no `on conflict`, which
 * would cost a second look at the index and a second record in the log for every event of every batch; see `dedupeRace`.
 */
export function insertProcessed(
  consumer: string,
  processed: readonly Pick<ProcessedEvent, 'event' | 'outcome'>[],
  appliedAt: Date,
): Statement {
  return {
    name: 'consumer_insert_processed',
    text: `insert into pipeline.processed_events
             (consumer, event_id, outcome, topic, key, partition, kafka_offset, applied_at)
           select $1, event_id, outcome, topic, key, partition, kafka_offset, $8
           from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[])
             as done (event_id, outcome, topic, key, partition, kafka_offset)`,
    values: [
      consumer,
      binaryArray(
        'uuid',
        processed.map(({ event }) => event.eventId),
      ),
      binaryArray(
        'text',
        processed.map(({ outcome }) => outcome),
      ),
      binaryArray(
        'text',
        processed.map(({ event }) => event.topic),
      ),
      binaryArray(
        'text',
        processed.map(({ event }) => event.key),
      ),
      binaryArray(
        'int',
        processed.map(({ event }) => event.partition),
      ),
      binaryArray(
        'bigint',
        processed.map(({ event }) => event.offset),
      ),
      appliedAt,
    ],
  };
}

/** Of what `insertProcessed` threw: `dedupe_race` when another transaction has recorded one of the events meanwhile, else the error itself. */
export function dedupeRace(error: unknown): unknown {
  if (sqlState(error) !== UNIQUE_VIOLATION) return error;
  return new PipelineError('dedupe_race', 'An event was recorded by another transaction meanwhile.', {
    remedy: 'Nothing to do: the next try sees what that transaction has committed.',
    cause: error,
  });
}

export function countOutcomes(events: readonly ProcessedEvent[]): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of events) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

/** When the oldest of them occurred; null for none. */
export function oldestOf(events: readonly ProcessedEvent[]): Date | null {
  const times = events.flatMap(({ occurredAt }) => occurredAt?.getTime() ?? []);
  return times.length === 0 ? null : new Date(times.reduce((a, b) => Math.min(a, b)));
}

/** Lower-case UUID text sorts as the UUID does. */
function bounds(eventIds: readonly string[]): { lowest: string | undefined; highest: string | undefined } {
  let [lowest] = eventIds;
  let highest = lowest;
  for (const id of eventIds) {
    if (lowest === undefined || id < lowest) lowest = id;
    if (highest === undefined || id > highest) highest = id;
  }
  return { lowest, highest };
}
