import type { Queryable } from '../../platform/postgres/statement.ts';

/** Which held keys are meant; what is not given, is not asked. */
export interface ParkedFilter {
  readonly consumer?: string;
  readonly key?: string;
  /** Of the first event in the queue: the one that fails, or the first behind the missing one. */
  readonly type?: string;
  /** A part of the code or of the reason. */
  readonly reason?: string;
}

export interface ParkedKey {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  readonly state: 'parked' | 'waiting';
  readonly partition: number;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  /** waiting: the sequence that is missing. */
  readonly expectedSeq: number | null;
  readonly since: Date;
  /** In the queue. */
  readonly events: number;
  readonly request: string | null;
  readonly requestedBy: string | null;
  readonly answer: string | null;
  /** The first event in the queue. */
  readonly firstType: string | null;
  readonly firstEventId: string | null;
  readonly firstKeySeq: number | null;
  readonly firstOffset: number | null;
}

/** The keys that consumers of this database hold, those held for longest first. */
export async function listParked(db: Queryable, filter: ParkedFilter): Promise<ParkedKey[]> {
  const { rows } = await db.query<ParkedKey>({
    name: 'parked_list',
    text: `select held.consumer, held.topic, held.key, held.state, held.partition, held.code, held.reason, held.attempts,
                  held.expected_seq as "expectedSeq", held.since, held.events, held.request,
                  held.requested_by as "requestedBy", held.answer, first.event_type as "firstType",
                  first.event_id as "firstEventId", first.key_seq as "firstKeySeq", first.kafka_offset as "firstOffset"
           from pipeline.parked_keys as held
           left join lateral (
             select * from pipeline.parked_events as queued
             where queued.consumer = held.consumer and queued.topic = held.topic and queued.key = held.key
             order by key_seq nulls first, place limit 1
           ) as first on true
           where ($1::text is null or held.consumer = $1) and ($2::text is null or held.key = $2)
             and ($3::text is null or first.event_type = $3)
             and ($4::text is null or position(lower($4) in lower(held.code || ' ' || held.reason)) > 0)
           order by held.since, held.consumer, held.key`,
    values: [filter.consumer, filter.key, filter.type, filter.reason].map((value) => value ?? null),
  });
  return rows;
}
