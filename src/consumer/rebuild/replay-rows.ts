import type { Transaction } from '../../platform/postgres/transaction.ts';
import { restoreRecord, storeRecord, type StoredHeaders } from '../stored-record.ts';
import type { LogRecord } from '../read-envelope.ts';
import type { ReceivedEvent } from '../receive-records.ts';
import type { Recorded } from './decide-replay.ts';

/** What the live consumer has recorded of these events. Lower-case UUID text sorts as the UUID does; the bounds name the days. */
export async function selectRecorded(
  tx: Transaction,
  consumer: string,
  eventIds: readonly string[],
): Promise<Map<string, Recorded>> {
  const sorted = eventIds.toSorted();
  const { rows } = await tx.query<Recorded & { eventId: string }>({
    name: 'rebuild_select_recorded',
    text: `select event_id as "eventId", partition, kafka_offset as "offset", outcome, applied_at as "appliedAt"
           from pipeline.processed_events
           where consumer = $1 and event_id = any($2::uuid[]) and event_id between $3 and $4`,
    values: [consumer, sorted, sorted[0], sorted.at(-1)],
  });
  return new Map(rows.map(({ eventId, ...recorded }) => [eventId, recorded]));
}

/** A key, in the second state and in the live one. */
export interface KeyRow {
  /** The first sequence that counted for the live consumer; null for a key of which it has applied nothing. */
  readonly base: number | null;
  readonly last: number | null;
}

export async function selectKeyRows(
  tx: Transaction,
  scope: { readonly consumer: string; readonly topic: string },
  keys: readonly string[],
): Promise<Map<string, KeyRow>> {
  const { rows } = await tx.query<KeyRow & { key: string }>({
    name: 'rebuild_select_keys',
    text: `select wanted.key, live.base_seq as base, rebuilt.last_seq as last
           from unnest($3::text[]) as wanted (key)
           left join pipeline.consumer_keys as live on live.consumer = $1 and live.topic = $2 and live.key = wanted.key
           left join pipeline.rebuild_keys as rebuilt on rebuilt.consumer = $1 and rebuilt.key = wanted.key`,
    values: [scope.consumer, scope.topic, keys],
  });
  return new Map(rows.map(({ key, ...row }) => [key, row]));
}

export interface KeySpan {
  readonly first: number;
  readonly last: number;
}

export async function upsertKeyRows(
  tx: Transaction,
  consumer: string,
  spans: ReadonlyMap<string, KeySpan>,
): Promise<void> {
  if (spans.size === 0) return;
  const values = [...spans.values()];
  await tx.query({
    name: 'rebuild_upsert_keys',
    text: `insert into pipeline.rebuild_keys as known (consumer, key, first_seq, last_seq)
           select $1, key, first_seq, last_seq from unnest($2::text[], $3::bigint[], $4::bigint[]) as moved (key, first_seq, last_seq)
           on conflict (consumer, key) do update set last_seq = greatest(known.last_seq, excluded.last_seq),
             first_seq = least(known.first_seq, excluded.first_seq)`,
    values: [consumer, [...spans.keys()], values.map(({ first }) => first), values.map(({ last }) => last)],
  });
}

export async function insertLeft(
  tx: Transaction,
  consumer: string,
  events: readonly ReceivedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const stored = events.map(({ record, identity }) => storeRecord(record, identity));
  await tx.query({
    name: 'rebuild_insert_left',
    text: `insert into pipeline.rebuild_left (consumer, partition, kafka_offset, event_id, key, key_seq, value, headers)
           select $1, partition, kafka_offset, event_id, key, key_seq, value, headers
           from unnest($2::int[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[], $7::bytea[], $8::jsonb[])
             as event (partition, kafka_offset, event_id, key, key_seq, value, headers)
           on conflict do nothing`,
    values: [
      consumer,
      events.map(({ identity }) => identity.partition),
      stored.map(({ offset }) => offset),
      stored.map(({ eventId }) => eventId),
      stored.map(({ key }) => key),
      events.map(({ identity }) => identity.keySeq),
      stored.map(({ value }) => value),
      stored.map(({ headers }) => JSON.stringify(headers)),
    ],
  });
}

export interface LeftRecord {
  readonly partition: number;
  readonly record: LogRecord;
}

/**
 * Takes records out that the live consumer is done with by now, in the order of their keys' sequences. Only where the rebuild has
 * read all that the live one has: nothing of a key can come later then.
 */
export async function takeLeft(tx: Transaction, consumer: string, limit: number): Promise<LeftRecord[]> {
  const { rows } = await tx.query<{
    partition: number;
    kafka_offset: number;
    event_id: string;
    key: string;
    value: Buffer | null;
    headers: StoredHeaders;
  }>({
    name: 'rebuild_take_left',
    text: `with done as (
             select waiting.partition, waiting.kafka_offset
             from pipeline.rebuild_left as waiting join pipeline.processed_events as processed using (consumer, event_id)
             where consumer = $1
             order by waiting.key, waiting.key_seq nulls first, waiting.kafka_offset limit $2
           ), taken as (
             delete from pipeline.rebuild_left as waiting using done
             where waiting.consumer = $1 and (waiting.partition, waiting.kafka_offset) = (done.partition, done.kafka_offset)
             returning waiting.*
           )
           select partition, kafka_offset, event_id, key, value, headers from taken
           order by key, key_seq nulls first, kafka_offset`,
    values: [consumer, limit],
  });
  return rows.map((row) => ({
    partition: row.partition,
    record: restoreRecord({
      eventId: row.event_id,
      key: row.key,
      partition: row.partition,
      offset: row.kafka_offset,
      value: row.value,
      headers: row.headers,
    }),
  }));
}

/** An event of which the code says something else than what was recorded. */
export interface Disagreement {
  readonly eventId: string;
  readonly type: string | null;
  readonly key: string;
  readonly recorded: string;
  readonly now: string;
}

export async function insertCases(
  tx: Transaction,
  consumer: string,
  cases: readonly Disagreement[],
): Promise<void> {
  if (cases.length === 0) return;
  await tx.query({
    name: 'rebuild_insert_cases',
    text: `insert into pipeline.rebuild_cases (consumer, event_id, event_type, key, recorded, now)
           select $1, event_id, event_type, key, recorded, now
           from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) as found (event_id, event_type, key, recorded, now)
           on conflict do nothing`,
    values: [
      consumer,
      cases.map(({ eventId }) => eventId),
      cases.map(({ type }) => type),
      cases.map(({ key }) => key),
      cases.map(({ recorded }) => recorded),
      cases.map(({ now }) => now),
    ],
  });
}
