import { createHash } from 'node:crypto';
import { timeOfEventId } from '../../../src/consumer/event-horizon.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import type { TopicRecord } from '../read-topic.ts';
import { rowsOf, violations } from './invariants.ts';
import type { Checked, Violation } from './invariants.ts';

interface Written {
  readonly id: string;
  readonly topic: string;
  /** Key, type, sequence and the hash of the bytes. */
  readonly content: string;
}

const WRITTEN = `
  select distinct event_id as id, topic,
         concat_ws(' ', partition_key, event_type, key_seq, encode(sha256(payload), 'hex')) as content
  from pipeline.outbox`;

/**
 * The outboxes and what Kafka holds of them. A record that is there twice is no violation.
 * @param read all records of a topic, by its name in the outbox
 * @param topics that are compared even when no outbox says anything on them
 */
export async function checkRecords(
  { databases, planted, cut }: Checked,
  read: (topic: string) => Promise<readonly TopicRecord[]>,
  topics: readonly string[],
): Promise<Violation[]> {
  const rows = await Promise.all(
    [databases.orders, databases.inventory].map((one: Queryable) => rowsOf<Written>(one, WRITTEN)),
  );
  const byTopic = Map.groupBy(rows.flat(), ({ topic }) => topic);
  const plantedKeys = new Set(planted.map(({ key }) => key));
  const found: Violation[] = [];
  for (const topic of new Set([...topics, ...byTopic.keys()])) {
    const records = await read(topic);
    const of = { plantedKeys, cutAt: cut?.get(topic) ?? 0 };
    found.push(...compareRecords(topic, byTopic.get(topic) ?? [], records, of));
  }
  return found;
}

function compareRecords(
  topic: string,
  rows: readonly Written[],
  records: readonly TopicRecord[],
  { plantedKeys, cutAt }: { readonly plantedKeys: ReadonlySet<string>; readonly cutAt: number },
): Violation[] {
  const written = new Map(rows.map(({ id, content }) => [id, content]));
  const inKafka = new Set(records.map(({ headers }) => headers['id'] ?? ''));
  const place = ({ partition, offset }: TopicRecord): string => `${topic} ${partition}/${offset}`;
  return [
    ...violations(
      'said-in-kafka',
      [...written.keys()]
        .filter((id) => !inKafka.has(id) && timeOfEventId(id) > cutAt)
        .map((id) => `${id} is not in ${topic}`),
    ),
    ...violations(
      'kafka-as-written',
      records.flatMap((record) => {
        const content = written.get(record.headers['id'] ?? '');
        return content === undefined || content === contentOf(record)
          ? []
          : [`${place(record)} is ${contentOf(record)} instead of ${content}`];
      }),
    ),
    ...violations(
      'kafka-was-said',
      records
        .filter(({ headers, key }) => !written.has(headers['id'] ?? '') && !plantedKeys.has(key))
        .map((record) => `${place(record)} holds ${record.headers['id'] ?? 'an event without id'}`),
    ),
  ];
}

const contentOf = ({ key, headers, value }: TopicRecord): string =>
  [key, headers['eventType'], headers['keySeq'], createHash('sha256').update(value).digest('hex')].join(' ');
