import { scanTopicToEnd } from '../../platform/kafka/follow-topics.ts';
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

/** Looks for the events in their topics, from the time at which each was written until all are found or the topic ends. */
export async function findRecords(
  { kafka, topicPrefix }: { readonly kafka: Kafka; readonly topicPrefix: string },
  events: readonly TracedEvent[],
): Promise<FoundRecords> {
  const records = new Map<string, RecordPlace>();
  const topicsRead = new Set<string>();
  const failures = new Map<string, unknown>();
  const byTopic = [...Map.groupBy(events, ({ topic }) => topic)];
  await Promise.all(
    byTopic.map(([topic, some]) =>
      readTopic(kafka, topicPrefix + topic, some, records).then(
        () => topicsRead.add(topic),
        (error: unknown) => failures.set(topic, error),
      ),
    ),
  );
  return { records, topicsRead, failures };
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
    onRecord: ({ headers, partition, offset, timestamp }) => {
      const { id = '', readAt } = headers;
      if (!wanted.delete(id)) return;
      const time = Number(readAt ?? timestamp);
      records.set(id, { partition, offset, readAt: Number.isNaN(time) ? undefined : new Date(time) });
    },
    isEnough: () => wanted.size === 0,
  });
}
