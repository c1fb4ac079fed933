import type { AuditedService } from './audited-pipeline.ts';
import { writtenAt, type EventRow } from './event-row.ts';

/** A consumer, and what it must have recorded. */
export interface Reader {
  readonly consumer: string;
  /** In whose database it keeps its state. */
  readonly service: AuditedService;
  /** By topic and type: since when. */
  readonly since: ReadonlyMap<string, Date>;
}

export async function readReaders(service: AuditedService): Promise<Reader[]> {
  const { rows } = await service.db.query<{ consumer: string; topic: string; type: string; since: Date }>({
    name: 'audit_read_subscriptions',
    text: 'select consumer, topic, type, since from pipeline.consumer_subscriptions order by consumer',
  });
  return [...Map.groupBy(rows, ({ consumer }) => consumer)].map(([consumer, subscriptions]) => ({
    consumer,
    service,
    since: new Map(subscriptions.map(({ topic, type, since }) => [subject(topic, type), since])),
  }));
}

/** What was said before a consumer first subscribed is not its business, whether it has read it or not. */
export function isExpected(reader: Reader, row: EventRow): boolean {
  const since = reader.since.get(subject(row.topic, row.type));
  return since !== undefined && writtenAt(row) >= since;
}

export const topicsOf = (reader: Reader): string[] => [
  ...new Set([...reader.since.keys()].map((key) => key.split('\n')[0] ?? '')),
];

const subject = (topic: string, type: string): string => `${topic}\n${type}`;
