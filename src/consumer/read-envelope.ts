import type { ConsumedEvent } from './define-consumer.ts';
import { PipelineError } from '../platform/errors.ts';

type HeaderValue = Buffer | string | (Buffer | string)[] | null | undefined;

/** A Kafka record, as far as we need it; kafkajs messages have this shape. */
export interface LogRecord {
  readonly offset: string;
  /** Epoch milliseconds. */
  readonly timestamp?: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
}

/** All of an event but its payload, which is still bytes. */
export interface Envelope extends Omit<ConsumedEvent, 'payload'> {
  readonly schemaFingerprint: string;
  readonly value: Buffer;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** An index row of Postgres holds 2,704 bytes: no outbox can have had a longer key. */
const LONGEST_KEY_BYTES = 2_000;

/**
 * Reads what Debezium's outbox router put around the payload: every header is UTF-8 text.
 * @throws PipelineError `event_unreadable` naming header, topic, partition and offset.
 */
export function readEnvelope(record: LogRecord, place: { topic: string; partition: number }): Envelope {
  const fail = (what: string): never => {
    throw new PipelineError(
      'event_unreadable',
      `${what} in the record at topic ${place.topic}, partition ${place.partition}, offset ${record.offset}.`,
      {
        remedy:
          'Only the outbox connectors may write to this topic: check their headers against connectors/, then discard the record.',
      },
    );
  };
  const required = (name: string): string => readHeader(record, name) ?? fail(`Header ${name} is missing`);
  const check = <T>(name: string, value: T | undefined): T =>
    value ?? fail(`Header ${name} has no usable value (${required(name)})`);
  const text = (name: string): string => check(name, storableText(required(name)));

  return {
    eventId: check('id', asUuid(required('id'))),
    keySeq: check('keySeq', asSequence(required('keySeq'))),
    occurredAt: check('occurredAt', asDate(required('occurredAt'))),
    type: text('eventType'),
    key:
      record.key === null
        ? fail('The key is missing')
        : (readKey(record) ?? fail('The key is no usable text')),
    aggregateId: text('aggregateId'),
    schemaFingerprint: text('schemaFingerprint'),
    traceparent: storableText(readHeader(record, 'traceparent')) ?? null,
    topic: place.topic,
    partition: place.partition,
    offset: Number(record.offset),
    value: record.value ?? fail('The value is missing'),
  };
}

/** A column that is null arrives as a header without value; both mean "not there". */
export function readHeader(record: LogRecord, name: string): string | undefined {
  const header = record.headers?.[name];
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined || value === null || value.length === 0) return undefined;
  return value.toString('utf8');
}

/** The key, unless it is missing or none that Postgres could keep. */
export function readKey({ key }: LogRecord): string | undefined {
  if (key === null || key.length > LONGEST_KEY_BYTES) return undefined;
  return storableText(key.toString('utf8'));
}

/** Postgres takes no NUL in a text. */
export function storableText(text: string | undefined): string | undefined {
  return text?.includes('\0') === true ? undefined : text;
}

export function asUuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : undefined;
}

export function asSequence(text: string): number | undefined {
  const sequence = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}

export function asDate(text: string): Date | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
