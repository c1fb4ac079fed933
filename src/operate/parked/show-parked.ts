import type { Queryable } from '../../platform/postgres/statement.ts';
import type { ParkedKey } from './list-parked.ts';

export interface QueuedRow {
  readonly eventId: string;
  readonly keySeq: number | null;
  readonly type: string | null;
  readonly aggregateId: string | null;
  readonly occurredAt: Date | null;
  readonly traceparent: string | null;
  readonly partition: number;
  readonly offset: number;
  readonly bytes: number;
  readonly parkedAt: Date;
}

export interface DecisionRow {
  readonly decision: 'redriven' | 'discarded' | 'skipped';
  readonly eventId: string | null;
  readonly keySeq: number | null;
  readonly who: string;
  readonly why: string | null;
  readonly decidedAt: Date;
}

type KeyOfConsumer = Pick<ParkedKey, 'consumer' | 'topic' | 'key'>;

/** The first events of a key's queue, in the order in which they will be applied. */
export async function readQueue(db: Queryable, at: KeyOfConsumer, limit: number): Promise<QueuedRow[]> {
  const { rows } = await db.query<QueuedRow>({
    name: 'parked_read_queue',
    text: `select event_id as "eventId", key_seq as "keySeq", event_type as type, aggregate_id as "aggregateId",
                  occurred_at as "occurredAt", traceparent, partition, kafka_offset as "offset",
                  coalesce(octet_length(value), 0) as bytes, parked_at as "parkedAt"
           from pipeline.parked_events
           where consumer = $1 and topic = $2 and key = $3
           order by key_seq nulls first, place limit $4`,
    values: [at.consumer, at.topic, at.key, limit],
  });
  return rows;
}

/** Where the failing event's handler threw. */
export async function readStack(db: Queryable, at: KeyOfConsumer): Promise<string | null> {
  const { rows } = await db.query<{ stack: string | null }>({
    name: 'parked_read_stack',
    text: `select stack from pipeline.parked_keys where consumer = $1 and topic = $2 and key = $3`,
    values: [at.consumer, at.topic, at.key],
  });
  return rows[0]?.stack ?? null;
}

/** What was decided about a key before, newest first. */
export async function readDecisions(db: Queryable, at: KeyOfConsumer, limit: number): Promise<DecisionRow[]> {
  const { rows } = await db.query<DecisionRow>({
    name: 'parked_read_decisions',
    text: `select decision, event_id as "eventId", key_seq as "keySeq", who, why, decided_at as "decidedAt"
           from pipeline.parked_decisions
           where consumer = $1 and topic = $2 and key = $3
           order by decision_id desc limit $4`,
    values: [at.consumer, at.topic, at.key, limit],
  });
  return rows;
}
