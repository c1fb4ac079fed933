import type { Transaction } from '../platform/postgres/transaction.ts';
import type { ConsumerScope } from './held-keys.ts';
import type { ReceivedEvent } from './receive-records.ts';
import type { LogRecord } from './read-envelope.ts';
import { describeRecord, restoreRecord, storeRecord } from './stored-record.ts';
import type { StoredHeaders } from './stored-record.ts';

/**
 * Puts events behind their held keys and counts them there. One that is in a queue already is left out: a copy.
 * @returns how many were new, by key
 */
export async function insertQueued(
  tx: Transaction,
  scope: ConsumerScope,
  events: readonly ReceivedEvent[],
): Promise<Map<string, number>> {
  const stored = events.map(({ record, identity }) => storeRecord(record, identity));
  const described = events.map(({ record }) => describeRecord(record));
  const { rows } = await tx.query<{ key: string; added: number }>({
    name: 'consumer_insert_queued',
    text: `with queued as (
             insert into pipeline.parked_events
               (consumer, topic, key, event_id, key_seq, event_type, aggregate_id, occurred_at, traceparent,
                schema_fingerprint, partition, kafka_offset, value, headers, parked_at)
             select $1, $2, key, event_id, key_seq, event_type, aggregate_id, occurred_at, traceparent,
                    schema_fingerprint, partition, kafka_offset, value, headers, now()
             from unnest($3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[], $9::text[],
                         $10::text[], $11::int[], $12::bigint[], $13::bytea[], $14::jsonb[])
               as event (key, event_id, key_seq, event_type, aggregate_id, occurred_at, traceparent,
                         schema_fingerprint, partition, kafka_offset, value, headers)
             on conflict (consumer, event_id) do nothing
             returning key
           ), added as (select key, count(*) from queued group by key)
           update pipeline.parked_keys as held set events = held.events + added.count
           from added
           where held.consumer = $1 and held.topic = $2 and held.key = added.key
           returning held.key, added.count as added`,
    values: [
      scope.consumer,
      scope.topic,
      stored.map(({ key }) => key),
      stored.map(({ eventId }) => eventId),
      events.map(({ identity }) => identity.keySeq),
      described.map(({ type }) => type),
      described.map(({ aggregateId }) => aggregateId),
      described.map(({ occurredAt }) => occurredAt),
      described.map(({ traceparent }) => traceparent),
      described.map(({ schemaFingerprint }) => schemaFingerprint),
      stored.map(({ partition }) => partition),
      stored.map(({ offset }) => offset),
      stored.map(({ value }) => value),
      stored.map(({ headers }) => JSON.stringify(headers)),
    ],
  });
  return new Map(rows.map(({ key, added }) => [key, added]));
}

export interface QueuedEvent {
  readonly place: number;
  readonly partition: number;
  readonly record: LogRecord;
  readonly parkedAt: Date;
}

/** The first events of a key's queue, in the order in which they will be applied. */
export async function selectQueued(
  tx: Transaction,
  scope: ConsumerScope & { key: string },
  limit: number,
): Promise<QueuedEvent[]> {
  const { rows } = await tx.query<{
    place: number;
    event_id: string;
    partition: number;
    kafka_offset: number;
    value: Buffer | null;
    headers: StoredHeaders;
    parked_at: Date;
  }>({
    name: 'consumer_select_queued',
    text: `select place, event_id, partition, kafka_offset, value, headers, parked_at from pipeline.parked_events
           where consumer = $1 and topic = $2 and key = $3
           order by key_seq nulls first, place limit $4`,
    values: [scope.consumer, scope.topic, scope.key, limit],
  });
  return rows.map((row) => ({
    place: row.place,
    partition: row.partition,
    parkedAt: row.parked_at,
    record: restoreRecord({
      eventId: row.event_id,
      key: scope.key,
      partition: row.partition,
      offset: row.kafka_offset,
      value: row.value,
      headers: row.headers,
    }),
  }));
}

/** Takes events out of a queue that are done with. */
export async function deleteQueued(
  tx: Transaction,
  scope: ConsumerScope & { key: string },
  places: readonly number[],
): Promise<void> {
  await tx.query({
    name: 'consumer_delete_queued',
    text: `with done as (
             delete from pipeline.parked_events
             where consumer = $1 and topic = $2 and key = $3 and place = any($4::bigint[])
             returning place
           )
           update pipeline.parked_keys set events = events - (select count(*) from done)
           where consumer = $1 and topic = $2 and key = $3`,
    values: [scope.consumer, scope.topic, scope.key, places],
  });
}
