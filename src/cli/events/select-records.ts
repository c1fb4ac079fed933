import type { StartAt, TopicRecord } from '../../platform/kafka/follow-topics.ts';
import { keyText, type ReadValue } from './describe-record.ts';

/** Which records to show; what is undefined does not matter. */
export interface RecordFilter {
  readonly types?: readonly string[] | undefined;
  readonly key?: string | undefined;
  /** What the record is about, or any field `orderId` of its payload, at any depth. */
  readonly orderId?: string | undefined;
}

/** Decided without the value, so that it need not be decoded; an order's id may still be in it. */
export function mayMatch(record: TopicRecord, { types, key }: RecordFilter): boolean {
  return (
    (types === undefined || types.includes(record.headers['eventType'] ?? '')) &&
    (key === undefined || keyText(record.key) === key)
  );
}

export function isAbout(record: TopicRecord, value: ReadValue, { orderId }: RecordFilter): boolean {
  if (orderId === undefined || record.headers['aggregateId'] === orderId) return true;
  return value !== undefined && 'payload' in value && hasOrderId(value.payload, orderId);
}

function hasOrderId(value: unknown, orderId: string): boolean {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  return Object.entries(value).some(
    ([name, each]) => (name === 'orderId' && String(each) === orderId) || hasOrderId(each, orderId),
  );
}

/**
 * `beginning`, `end`, an offset (digits), a time (`2026-11-25T10:00Z`) or how long ago (`10m`).
 * @param parseDuration milliseconds of a time span, undefined for other text
 * @returns undefined for anything else
 */
export function parseStart(
  text: string,
  now: Date,
  parseDuration: (text: string) => number | undefined,
): StartAt | undefined {
  if (text === 'beginning' || text === 'end') return text;
  if (/^\d+$/.test(text)) return { offset: Number(text) };
  const ago = parseDuration(text);
  if (ago !== undefined) return { time: now.getTime() - ago };
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : { time };
}

/** The names as Kafka knows them: each may be given with or without the prefix. Undefined for one that is not there. */
export function topicsInKafka(
  names: readonly string[],
  topicPrefix: string,
  existing: ReadonlySet<string>,
): (string | undefined)[] {
  return names.map((name) => [topicPrefix + name, name].find((candidate) => existing.has(candidate)));
}
