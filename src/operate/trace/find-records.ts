import { scanTopicToEnd, type TopicRecord } from '../../platform/kafka/follow-topics.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import { writtenAt } from '../audit/event-row.ts';
import type { RecordPlace, TracedEvent } from './trace-facts.ts';

/** A record is written after its row was; clocks and a transaction's time are allowed for. */
const BEFORE_MS = 60_000;
const READ_FOR_MS = 15_000;

export interface FoundRecords {
  /** By event id; where it was first said. */
  readonly records: ReadonlyMap<string, RecordPlace>;
  /** Topics, without the prefix, that were read as far as they were needed. */
  readonly topicsRead: ReadonlySet<string>;
  /** Why another could not be read, by topic. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/** Places by event id, kept by whoever asks again and again: a record stays where it is. */
export interface KnownRecords {
  get(eventId: string): RecordPlace | undefined;
  set(eventId: string, place: RecordPlace): unknown;
}

/** Looks for the events in their topics, from the time at which each was written until all are found or the topic ends. */
export async function findRecords(
  { kafka, topicPrefix }: { readonly kafka: Kafka; readonly topicPrefix: string },
  events: readonly TracedEvent[],
  known: KnownRecords = new Map(),
): Promise<FoundRecords> {
  const records = new Map<string, RecordPlace>();
  for (const { eventId } of events) {
    const place = known.get(eventId);
    if (place !== undefined) records.set(eventId, place);
  }
  const topicsRead = new Set<string>();
  const failures = new Map<string, unknown>();
  const byTopic = [
    ...Map.groupBy(
      events.filter(({ eventId }) => !records.has(eventId)),
      ({ topic }) => topic,
    ),
  ];
  await Promise.all(
    byTopic.map(([topic, some]) =>
      readTopic(kafka, topicPrefix + topic, some, records).then(
        () => topicsRead.add(topic),
        (error: unknown) => failures.set(topic, error),
      ),
    ),
  );
  for (const [eventId, place] of records) known.set(eventId, place);
  return { records, topicsRead, failures };
}

/** Where the record is, and when Debezium read its row: its header says that, else the record's own time is the nearest. */
export function placeOfRecord({
  headers,
  partition,
  offset,
  timestamp,
}: Pick<TopicRecord, 'headers' | 'partition' | 'offset' | 'timestamp'>): RecordPlace {
  const time = Number(headers['readAt'] ?? timestamp);
  return { partition, offset, readAt: Number.isNaN(time) ? undefined : new Date(time) };
}

async function readTopic(
  kafka: Kafka,
  topic: string,
  events: readonly TracedEvent[],
  records: Map<string, RecordPlace>,
): Promise<void> {
  const wanted = new Set(events.map(({ eventId }) => eventId));
  const firstAt = Math.min(...events.map((event) => writtenAt(event).getTime()));
  await scanTopicToEnd(kafka, topic, {
    from: { time: firstAt - BEFORE_MS },
    timeoutMs: READ_FOR_MS,
    onRecord: (record) => {
      const id = record.headers['id'] ?? '';
      if (wanted.delete(id)) records.set(id, placeOfRecord(record));
    },
    isEnough: () => wanted.size === 0,
  });
}
