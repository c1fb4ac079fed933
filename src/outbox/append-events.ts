import type { Encoder } from '../events/encoder.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { OutboxEvent } from './outbox-event.ts';

export interface AppendedEvent {
  readonly eventId: string;
  readonly key: string;
  readonly keySeq: number;
}

/**
 * The only door to the outbox: writes the events in the caller's transaction, in one statement however many they are.
 *
 * It locks the row of each key in `outbox_keys`, in sorted order, until the transaction ends. So of two transactions
 * that say something under the same key one waits for the other, and sequence order is commit order. Call it late:
 * everything after it makes others of that key wait. If the process dies before COMMIT neither the caller's rows nor
 * the events exist; after it both do, and Debezium reads them from the log.
 *
 * @returns the events in the order given
 * @throws PipelineError `event_invalid` before anything is written; `schemas_not_applied`
 */
export async function appendEvents(
  tx: Transaction,
  encoder: Encoder,
  events: readonly OutboxEvent[],
): Promise<AppendedEvent[]> {
  if (events.length === 0) return [];
  const payloads = events.map((event) => encoder.encode(event.definition, event.payload));
  const keys = countByKey(events);
  const { rows } = await tx.query<AppendedEvent>({
    name: 'append_events',
    text: APPEND_EVENTS,
    values: [
      keys.map((key) => key.topic),
      keys.map((key) => key.key),
      keys.map((key) => key.count),
      events.map((event) => event.eventId),
      events.map((event) => event.definition.topic),
      events.map((event) => event.key),
      stepsFromLast(events),
      events.map((event) => event.definition.type),
      events.map((event) => event.aggregateId),
      payloads,
      events.map((event) => event.definition.fingerprint),
      events.map((event) => event.traceparent),
      events.map((event) => event.occurredAt),
    ],
  });
  return rows;
}

// `locked` must be read in full before the first id is made: the inner query sorts, hence `offset 0` against flattening.
const APPEND_EVENTS = `
  with locked as (
    insert into pipeline.outbox_keys as existing (topic, key, last_seq)
    select topic, key, events from unnest($1::text[], $2::text[], $3::bigint[]) as new (topic, key, events)
    on conflict (topic, key) do update set last_seq = existing.last_seq + excluded.last_seq
    returning topic, key, last_seq
  ), identified as materialized (
    select uuidv7() as id, event.*
    from (
      select new.*, locked.last_seq - new.steps_from_last as key_seq
      from unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bytea[], $11::text[], $12::text[], $13::timestamptz[])
        with ordinality as new (event_id, topic, key, steps_from_last, event_type, aggregate_id, payload, fingerprint, traceparent, occurred_at, position)
      join locked on locked.topic = new.topic and locked.key = new.key
      order by new.position
      offset 0
    ) as event
  )
  insert into pipeline.outbox (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, traceparent, occurred_at)
  select id, coalesce(event_id, id), topic, key, key_seq, event_type, aggregate_id, payload, fingerprint, traceparent, occurred_at
  from identified
  order by position
  returning event_id as "eventId", partition_key as "key", key_seq as "keySeq"`;

interface KeyCount {
  readonly topic: string;
  readonly key: string;
  count: number;
}

/** Each key once, sorted: two transactions that lock several keys always lock them in the same order. */
function countByKey(events: readonly OutboxEvent[]): KeyCount[] {
  const counts = new Map<string, KeyCount>();
  for (const event of events) {
    const id = keyOf(event);
    const known = counts.get(id);
    if (known === undefined) counts.set(id, { topic: event.definition.topic, key: event.key, count: 1 });
    else known.count += 1;
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

/** For each event, how many events of its key come after it. */
function stepsFromLast(events: readonly OutboxEvent[]): number[] {
  const later = new Map<string, number>();
  return events
    .toReversed()
    .map((event) => {
      const steps = later.get(keyOf(event)) ?? 0;
      later.set(keyOf(event), steps + 1);
      return steps;
    })
    .toReversed();
}

const keyOf = (event: OutboxEvent): string => `${event.definition.topic}\n${event.key}`;
