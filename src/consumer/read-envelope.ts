import type { ConsumedEvent } from './define-consumer.ts';
import { PipelineError } from '../platform/errors.ts';

/** A Kafka record, as far as we need it; kafkajs messages have this shape. */
export interface LogRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | null | undefined>>;
}

/** All of an event but its payload, which is still bytes. */
export interface Envelope extends Omit<ConsumedEvent, 'payload'> {
  readonly schemaFingerprint: string;
  readonly value: Buffer;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

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
          'Only the outbox connectors may write to this topic; check their headers against connectors/. To pass over the record set next_offset in pipeline.consumer_positions, and last_seq of its key in pipeline.consumer_keys if it had a sequence.',
      },
    );
  };
  const required = (name: string): string => readHeader(record, name) ?? fail(`Header ${name} is missing`);
  const check = (name: string, value: string, valid: boolean): void => {
    if (!valid) fail(`Header ${name} has no usable value (${value})`);
  };

  const eventId = required('id').toLowerCase();
  check('id', eventId, UUID.test(eventId));
  const keySeqText = required('keySeq');
  const keySeq = Number(keySeqText);
  check('keySeq', keySeqText, /^\d+$/.test(keySeqText) && Number.isSafeInteger(keySeq) && keySeq > 0);
  const occurredAtText = required('occurredAt');
  const occurredAt = new Date(occurredAtText);
  check('occurredAt', occurredAtText, !Number.isNaN(occurredAt.getTime()));

  return {
    type: required('eventType'),
    eventId,
    key: record.key?.toString('utf8') ?? fail('The key is missing'),
    keySeq,
    aggregateId: required('aggregateId'),
    schemaFingerprint: required('schemaFingerprint'),
    occurredAt,
    traceparent: readHeader(record, 'traceparent') ?? null,
    topic: place.topic,
    partition: place.partition,
    offset: Number(record.offset),
    value: record.value ?? fail('The value is missing'),
  };
}

/** A column that is null arrives as a header without value; both mean "not there". */
function readHeader(record: LogRecord, name: string): string | undefined {
  const header = record.headers?.[name];
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined || value === null || value.length === 0) return undefined;
  return value.toString('utf8');
}
