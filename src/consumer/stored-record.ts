import { timeOfEventId } from './event-horizon.ts';
import { keyOfPlace } from './identify-record.ts';
import type { RecordIdentity } from './identify-record.ts';
import { asDate, readHeader, storableText } from './read-envelope.ts';
import type { LogRecord } from './read-envelope.ts';

/** Text as it is; what is no text, or none that Postgres could keep, in base64. */
type StoredHeader = string | { readonly base64: string } | null;
export type StoredHeaders = Readonly<Record<string, StoredHeader>>;

/** A record in the queue of its key: whatever it holds, it comes out as it went in, as far as anybody reads it. */
export interface StoredRecord {
  readonly eventId: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly headers: StoredHeaders;
}

/** What an operator sees and filters by; nothing depends on it, so what can't be read is null. */
export interface Description {
  readonly type: string | null;
  readonly aggregateId: string | null;
  readonly occurredAt: Date | null;
  readonly traceparent: string | null;
  readonly schemaFingerprint: string | null;
}

export function storeRecord(record: LogRecord, identity: RecordIdentity): StoredRecord {
  const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [
    name.replaceAll('\0', '\\0'),
    storeHeader(Array.isArray(value) ? value[0] : value),
  ]);
  return {
    eventId: identity.eventId,
    key: identity.key,
    partition: identity.partition,
    offset: identity.offset,
    value: record.value,
    headers: Object.fromEntries(headers) as StoredHeaders,
  };
}

/** The time is that of the id: where the id was made for want of one, it was made of that time. */
export function restoreRecord(stored: StoredRecord): LogRecord {
  return {
    offset: String(stored.offset),
    timestamp: String(timeOfEventId(stored.eventId)),
    key: stored.key === keyOfPlace(stored.partition, stored.offset) ? null : Buffer.from(stored.key, 'utf8'),
    value: stored.value,
    headers: Object.fromEntries(
      Object.entries(stored.headers).map(([name, value]) => [name, restoreHeader(value)]),
    ),
  };
}

export function describeRecord(record: LogRecord): Description {
  const text = (name: string): string | null => storableText(readHeader(record, name)) ?? null;
  return {
    type: text('eventType'),
    aggregateId: text('aggregateId'),
    occurredAt: asDate(text('occurredAt') ?? '') ?? null,
    traceparent: text('traceparent'),
    schemaFingerprint: text('schemaFingerprint'),
  };
}

function storeHeader(value: Buffer | string | null | undefined): StoredHeader {
  if (value === undefined || value === null) return null;
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8');
  const isPlain = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  return isPlain ? text : { base64: bytes.toString('base64') };
}

function restoreHeader(value: StoredHeader): Buffer | null {
  if (value === null) return null;
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value.base64, 'base64');
}
