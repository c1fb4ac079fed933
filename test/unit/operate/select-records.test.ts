import { isAbout, mayMatch, parseStart, topicsInKafka } from '../../../src/cli/events/select-records.ts';
import type { TopicRecord } from '../../../src/platform/kafka/follow-topics.ts';
import { parseDuration } from '../../../src/cli/duration-option.ts';

const record: TopicRecord = {
  topic: 'orders.events',
  partition: 0,
  offset: 1,
  timestamp: 0,
  key: Buffer.from('17850'),
  value: Buffer.alloc(0),
  headers: { eventType: 'OrderPlaced', aggregateId: 'order-1' },
};
const payload = { lines: [{ orderId: 'order-2' }], other: 'order-3' };
const value = { schemaId: 1, recordName: 'R', payload };

test('a filter that says nothing lets everything through', () => {
  expect(mayMatch(record, {})).toBe(true);
  expect(isAbout(record, value, {})).toBe(true);
});

test('type and key must be equal', () => {
  expect(mayMatch(record, { types: ['OrderCancelled', 'OrderPlaced'], key: '17850' })).toBe(true);
  expect(mayMatch(record, { types: ['OrderCancelled'] })).toBe(false);
  expect(mayMatch(record, { key: '1785' })).toBe(false);
});

test('an order is found by what the record is about, or by a field orderId at any depth', () => {
  expect(isAbout(record, { reason: 'no' }, { orderId: 'order-1' })).toBe(true);
  expect(isAbout(record, value, { orderId: 'order-2' })).toBe(true);
  expect(isAbout(record, value, { orderId: 'order-3' })).toBe(false);
  expect(isAbout(record, undefined, { orderId: 'order-2' })).toBe(false);
});

const now = new Date('2026-11-25T10:00:00Z');
test.each([
  ['beginning', 'beginning'],
  ['end', 'end'],
  ['120', { offset: 120 }],
  ['10m', { time: now.getTime() - 600_000 }],
  ['2026-11-25T09:00Z', { time: Date.parse('2026-11-25T09:00Z') }],
  ['2026-11-25', { time: Date.parse('2026-11-25') }],
  ['yesterday', undefined],
  ['2026-13-25', undefined],
  ['', undefined],
])('reading from "%s" begins at %j', (text, start) => {
  expect(parseStart(text, now, parseDuration)).toEqual(start);
});

test('a topic is meant with or without the prefix; with it comes first', () => {
  const existing = new Set(['staging.orders.events', 'orders.events', 'other']);
  expect(
    topicsInKafka(['orders.events', 'staging.orders.events', 'other', 'nobody'], 'staging.', existing),
  ).toEqual(['staging.orders.events', 'staging.orders.events', 'other', undefined]);
});
