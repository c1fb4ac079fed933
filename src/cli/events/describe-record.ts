import type { AsWritten } from '../../events/generic-decoder.ts';
import type { TopicRecord } from '../../platform/kafka/follow-topics.ts';

/** A record's value: decoded, or the reason why not in one sentence, or nothing for a record without one. */
export type ReadValue = AsWritten | { readonly reason: string } | undefined;

/** A record as one JSON document: what its headers say by name, the payload or the bytes as hex with the reason. */
export function recordJson(record: TopicRecord, value: ReadValue): string {
  const { topic, partition, offset, headers } = record;
  const { id, eventType, aggregateId, keySeq, occurredAt, traceparent, ...otherHeaders } = headers;
  const document = {
    topic,
    partition,
    offset,
    timestamp: timeText(record.timestamp),
    key: keyText(record.key),
    ...{ id, eventType, aggregateId, keySeq: numberOrText(keySeq), occurredAt, traceparent },
    otherHeaders,
    ...valueJson(record, value),
  };
  return JSON.stringify(document, (_, each: unknown) => plain(each));
}

function valueJson(record: TopicRecord, value: ReadValue): Record<string, unknown> {
  if (value === undefined) return { payload: null };
  if ('reason' in value) return { undecodable: value.reason, hex: record.value?.toString('hex') ?? '' };
  return { schemaId: value.schemaId, recordName: value.recordName, payload: value.payload };
}

/** Paints parts of a line; gives the text back where nothing is coloured. */
export type Paint = (part: 'dim' | 'type' | 'name' | 'problem', text: string) => string;

/** Bytes of an undecodable value that are shown; `recordJson` has all of them. */
const SHOWN_BYTES = 200;

/** A record in lines for a terminal: where and what it is, then its fields, one a line. */
export function recordLines(record: TopicRecord, value: ReadValue, paint: Paint): string[] {
  const { headers } = record;
  const type =
    headers['eventType'] ?? (value !== undefined && 'recordName' in value ? value.recordName : '?');
  const head = [
    paint('dim', timeText(record.timestamp)),
    paint('type', type),
    `key ${keyText(record.key) ?? '-'}`,
    ...(headers['keySeq'] === undefined ? [] : [`#${headers['keySeq']}`]),
    ...(headers['aggregateId'] === undefined ? [] : [`about ${oneLine(headers['aggregateId'])}`]),
    paint('dim', `${record.topic} ${record.partition}@${record.offset}`),
  ].join('  ');
  return [head, ...valueLines(record, value, paint)];
}

function valueLines(record: TopicRecord, value: ReadValue, paint: Paint): string[] {
  if (value === undefined) return [`  ${paint('dim', 'no value')}`];
  if ('reason' in value)
    return [`  ${paint('problem', oneLine(value.reason))}`, `  ${hexText(record.value ?? Buffer.alloc(0))}`];
  const { payload } = value;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload) || Buffer.isBuffer(payload))
    return [`  ${valueText(payload)}`];
  const fields = Object.entries(payload);
  const width = Math.min(24, Math.max(0, ...fields.map(([name]) => name.length)));
  return fields.map(([name, each]) => `  ${paint('name', name.padEnd(width))} ${valueText(each)}`);
}

/** JSON, except that a value that stands alone has no quotes, and can't move the cursor. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return oneLine(value);
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return hexText(value);
  return JSON.stringify(value, (_, each: unknown) => plain(each));
}

/** Buffers come here as what their own toJSON made of them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  )
    return `0x${Buffer.from(value.data as number[]).toString('hex')}`;
  return value;
}

function hexText(bytes: Buffer): string {
  const shown = `0x${bytes.subarray(0, SHOWN_BYTES).toString('hex')}`;
  return bytes.length > SHOWN_BYTES ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** Text where it is UTF-8, else hex: foreign records may have any bytes as key. */
export function keyText(key: Buffer | null): string | null {
  if (key === null) return null;
  const text = key.toString('utf8');
  return Buffer.from(text, 'utf8').equals(key) ? oneLine(text) : `0x${key.toString('hex')}`;
}

/** Control characters of foreign texts are shown, not obeyed. */
const oneLine = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

const numberOrText = (text: string | undefined): number | string | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
