import { scanTopicToEnd } from '../../platform/kafka/follow-topics.ts';
import type { AuditedPipeline } from './audited-pipeline.ts';
import { writtenAt, type EventRow } from './event-row.ts';
import type { Reader } from './readers.ts';
import { isExpected } from './readers.ts';
import type { Suspect } from './scan-outbox.ts';

/** A record is written after its row was; clocks and a transaction's time are allowed for. */
const BEFORE_MS = 60_000;
const READ_FOR_MS = 10_000;

/**
 * Whether the topic has, or had, these events: another consumer has recorded it, or it is seen there now. What neither says, because
 * the topic could not be read in time, is left out.
 */
export async function findInTopic(
  { kafka, topicPrefix }: AuditedPipeline,
  suspects: readonly Suspect[],
  readers: readonly Reader[],
): Promise<Map<string, boolean>> {
  const known = new Map<string, boolean>();
  const unknown = new Map<string, EventRow>();
  for (const [eventId, some] of Map.groupBy(suspects, ({ row }) => row.eventId)) {
    const [first] = some;
    if (first === undefined) continue;
    const waiting = readers.filter((reader) => isExpected(reader, first.row)).length;
    if (some.length < waiting) known.set(eventId, true);
    else unknown.set(eventId, first.row);
  }
  for (const [topic, rows] of Map.groupBy(unknown.values(), (row) => row.topic))
    await readTopic(topicPrefix + topic, rows, known);
  return known;

  async function readTopic(topic: string, rows: readonly EventRow[], into: Map<string, boolean>) {
    const firstAt = rows.reduce((least, row) => Math.min(least, writtenAt(row).getTime()), Infinity);
    const wanted = new Set(rows.map(({ eventId }) => eventId));
    const seen = new Set<string>();
    const isRead = await scanTopicToEnd(kafka, topic, {
      from: { time: firstAt - BEFORE_MS },
      timeoutMs: READ_FOR_MS,
      onRecord: ({ headers }) => {
        const { id } = headers;
        if (id !== undefined && wanted.has(id)) seen.add(id);
      },
    }).then(
      () => true,
      // It only names the hop; what could not be read stays unnamed.
      () => false,
    );
    for (const id of wanted) {
      if (seen.has(id)) into.set(id, true);
      else if (isRead) into.set(id, false);
    }
  }
}
