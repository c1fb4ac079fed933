import { createHash } from 'node:crypto';
import { asSequence, asUuid, readHeader, readKey } from './read-envelope.ts';
import type { LogRecord } from './read-envelope.ts';

/** What can be said of any record, readable or not: enough to hold its key and to know it again. */
export interface RecordIdentity {
  readonly eventId: string;
  readonly key: string;
  /** null where the record does not say. */
  readonly keySeq: number | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record without a usable key gets one of its own, so that it holds nobody; without a usable id it gets its place's. */
export function identifyRecord(
  record: LogRecord,
  place: { topic: string; partition: number },
): RecordIdentity {
  const { topic, partition } = place;
  const key = readKey(record);
  // What has lost its key must not pass for the event whose id it has: that one may still come.
  const eventId = key === undefined ? undefined : asUuid(readHeader(record, 'id') ?? '');
  return {
    eventId: eventId ?? eventIdOfPlace(record, place),
    key: key ?? keyOfPlace(partition, Number(record.offset)),
    keySeq: key === undefined ? null : (asSequence(readHeader(record, 'keySeq') ?? '') ?? null),
    topic,
    partition,
    offset: Number(record.offset),
  };
}

/** For a record that has none: nobody else's. */
export const keyOfPlace = (partition: number, offset: number): string => `(no key) ${partition}/${offset}`;

const LATEST = 2 ** 48 - 1;

/**
 * A UUIDv8: the record's 48 bits of time, so that it falls into the days of its time as any event id does, and a hash of its place.
 * Always the same for the same record.
 */
function eventIdOfPlace(record: LogRecord, place: { topic: string; partition: number }): string {
  const time = Math.min(Math.max(Number(record.timestamp ?? 0) || 0, 0), LATEST);
  const hash = createHash('sha256')
    .update(`${place.topic}\n${place.partition}\n${record.offset}`)
    .digest('hex');
  const hex = `${time.toString(16).padStart(12, '0')}8${hash.slice(0, 3)}8${hash.slice(3, 18)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
