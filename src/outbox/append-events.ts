import type { Encoder } from '../events/encoder.ts';
import { binaryArray } from '../platform/postgres/binary-array.ts';
import type { Statement } from '../platform/postgres/statement.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { EventDefinition } from '../events/define-event.ts';
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
  const { rows } = await tx.query<AppendedEvent>(appendStatement(encoder, events));
  tellCommitted(tx, encoder, events);
  return rows;
}

/** `appendEvents` as the last of a transaction: these statements and it are sent with COMMIT. At least one event. */
export async function commitWithEvents(
  tx: Transaction,
  encoder: Encoder,
  events: readonly OutboxEvent[],
  statements: readonly Statement[],
): Promise<void> {
  await tx.commitWith([...statements, appendStatement(encoder, events)]);
  tellCommitted(tx, encoder, events);
}

function tellCommitted(tx: Transaction, { committed }: Encoder, events: readonly OutboxEvent[]): void {
  if (committed !== undefined) tx.afterCommit(() => committed(events.map(({ definition }) => definition)));
}

/** @throws PipelineError `event_invalid` */
function appendStatement(encoder: Encoder, events: readonly OutboxEvent[]): Statement {
  const payloads = events.map((event) => encoder.encode(event.definition, event.payload));
  const definitions = [...new Set(events.map((event) => event.definition))];
  return {
    name: 'append_events',
    text: APPEND_EVENTS,
    values: [
      ...valuesOfKeys(events),
      ...valuesOfDefinitions(definitions),
      ...valuesOfEvents(events, definitions),
      binaryArray('bytea', payloads),
    ],
  };
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
      select new.*, said.topic, said.event_type, said.fingerprint, locked.last_seq - new.steps_from_last as key_seq
      from unnest($7::uuid[], $8::bigint[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::timestamptz[], $14::bytea[])
        with ordinality as new (event_id, definition, key, steps_from_last, aggregate_id, traceparent, occurred_at, payload, position)
      join unnest($4::text[], $5::text[], $6::text[])
        with ordinality as said (topic, event_type, fingerprint, definition) on said.definition = new.definition
      join locked on locked.topic = said.topic and locked.key = new.key
      order by new.position
      offset 0
    ) as event
  )
  insert into pipeline.outbox (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, traceparent, occurred_at)
  select id, coalesce(event_id, id), topic, key, key_seq, event_type, aggregate_id, payload, fingerprint, traceparent, occurred_at
  from identified
  order by position
  returning event_id as "eventId", partition_key as "key", key_seq as "keySeq"`;

function valuesOfKeys(events: readonly OutboxEvent[]): Buffer[] {
  const keys = countByKey(events);
  return [
    binaryArray(
      'text',
      keys.map((key) => key.topic),
    ),
    binaryArray(
      'text',
      keys.map((key) => key.key),
    ),
    binaryArray(
      'bigint',
      keys.map((key) => key.count),
    ),
  ];
}

/** Once each, and not with every event: a batch of answers has two or three. */
function valuesOfDefinitions(definitions: readonly EventDefinition<unknown>[]): Buffer[] {
  return [
    binaryArray(
      'text',
      definitions.map((definition) => definition.topic),
    ),
    binaryArray(
      'text',
      definitions.map((definition) => definition.type),
    ),
    binaryArray(
      'text',
      definitions.map((definition) => definition.fingerprint),
    ),
  ];
}

function valuesOfEvents(
  events: readonly OutboxEvent[],
  definitions: readonly EventDefinition<unknown>[],
): Buffer[] {
  return [
    binaryArray(
      'uuid',
      events.map((event) => event.eventId),
    ),
    binaryArray(
      'bigint',
      // Postgres counts from 1.
      events.map((event) => definitions.indexOf(event.definition) + 1),
    ),
    binaryArray(
      'text',
      events.map((event) => event.key),
    ),
    binaryArray('bigint', stepsFromLast(events)),
    binaryArray(
      'text',
      events.map((event) => event.aggregateId),
    ),
    binaryArray(
      'text',
      events.map((event) => event.traceparent),
    ),
    binaryArray(
      'timestamptz',
      events.map((event) => event.occurredAt),
    ),
  ];
}

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
