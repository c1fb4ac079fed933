import { describeError } from '../../platform/errors.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import type { OperatedPipeline } from '../operated-pipeline.ts';
import { isUuid } from './read-trace-id.ts';

/** What a consumer has recorded of an event, which it keeps for longer than an outbox keeps the row. */
export interface RecordedEvent {
  readonly consumer: string;
  readonly outcome: string;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly appliedAt: Date;
}

/** What any consumer knows of an event that is in no outbox any more. */
export async function findRecordedEvent(
  { services }: Pick<OperatedPipeline, 'services'>,
  id: string,
): Promise<{ readonly recorded: readonly RecordedEvent[]; readonly problems: readonly string[] }> {
  if (!isUuid(id)) return { recorded: [], problems: [] };
  const answers = await Promise.allSettled(services.map(({ pool }) => readRecordedEvent(pool, id)));
  return {
    recorded: answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
    problems: answers.flatMap((one) => (one.status === 'rejected' ? [describeError(one.reason)] : [])),
  };
}

export async function readRecordedEvent(db: Queryable, eventId: string): Promise<RecordedEvent[]> {
  const { rows } = await db.query<RecordedEvent>({
    name: 'trace_read_recorded_event',
    text: `select consumer, outcome, key, topic, partition, kafka_offset as "offset", applied_at as "appliedAt"
           from pipeline.processed_events where event_id = $1 order by applied_at`,
    values: [eventId],
  });
  return rows;
}

/** Why there is no story, and what to do. Pure. */
export function sayNotFound(id: string, recorded: readonly RecordedEvent[]): string {
  const [first] = recorded;
  if (first === undefined)
    return `Nothing is known of ${id}: no outbox has an event of that id, about it or under it as key. Rows are kept for 7 days; of an older order the order service knows the status.`;
  const each = recorded.map(
    ({ consumer, outcome, topic, partition, offset, appliedAt }) =>
      `${consumer}: ${outcome} at ${appliedAt.toISOString()}, ${topic}, partition ${partition}, offset ${offset}`,
  );
  return `The outbox row of event ${id} was dropped by retention; consumers recorded it: ${each.join('; ')}. What its key said since: npx outbox trace ${first.key}`;
}
