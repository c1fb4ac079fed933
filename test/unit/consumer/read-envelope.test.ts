import { readEnvelope } from '../../../src/consumer/read-envelope.ts';
import type { LogRecord } from '../../../src/consumer/read-envelope.ts';

const headers = {
  id: Buffer.from('0199A000-0000-7000-8000-000000000001'),
  eventType: Buffer.from('OrderPlaced'),
  aggregateId: Buffer.from('order-1'),
  keySeq: Buffer.from('12'),
  schemaFingerprint: Buffer.from('abc'),
  occurredAt: Buffer.from('2026-11-24T10:00:00.123456Z'),
  traceparent: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
};
const record = (change: Partial<LogRecord> = {}): LogRecord => ({
  offset: '42',
  key: Buffer.from('kundin-ä'),
  value: Buffer.from([0, 0, 0, 0, 1]),
  headers,
  ...change,
});
const place = { topic: 'orders.events', partition: 3 };
const read = (changed: Record<string, Buffer | null | undefined>) => () =>
  readEnvelope(record({ headers: { ...headers, ...changed } }), place);

describe('readEnvelope', () => {
  test('reads the headers as the outbox router writes them', () => {
    expect(readEnvelope(record(), place)).toEqual({
      type: 'OrderPlaced',
      eventId: '0199a000-0000-7000-8000-000000000001',
      key: 'kundin-ä',
      keySeq: 12,
      aggregateId: 'order-1',
      schemaFingerprint: 'abc',
      occurredAt: new Date('2026-11-24T10:00:00.123Z'),
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      topic: 'orders.events',
      partition: 3,
      offset: 42,
      value: Buffer.from([0, 0, 0, 0, 1]),
    });
  });

  test.each([undefined, null, Buffer.alloc(0)])('takes a traceparent of %p for none', (traceparent) => {
    expect(read({ traceparent })().traceparent).toBeNull();
  });

  test.each(['id', 'eventType', 'aggregateId', 'keySeq', 'schemaFingerprint', 'occurredAt'])(
    'names a missing header %s and where the record is',
    (name) => {
      expect(read({ [name]: undefined })).toThrow(
        `Header ${name} is missing in the record at topic orders.events, partition 3, offset 42.`,
      );
    },
  );

  test.each([
    ['id', 'no-uuid'],
    ['keySeq', '0'],
    ['keySeq', '1.5'],
    ['keySeq', '9007199254740993'],
    ['keySeq', ' 1'],
    ['occurredAt', 'yesterday'],
  ])('refuses header %s with value %p', (name, value) => {
    expect(read({ [name]: Buffer.from(value) })).toThrow(`Header ${name} has no usable value (${value})`);
  });

  test('refuses a record without key or without value', () => {
    expect(() => readEnvelope(record({ key: null }), place)).toThrow('The key is missing');
    expect(() => readEnvelope(record({ value: null }), place)).toThrow('The value is missing');
  });
});
