import { keyText, recordJson, recordLines } from '../../../src/cli/events/describe-record.ts';
import type { TopicRecord } from '../../../src/platform/kafka/follow-topics.ts';

const record: TopicRecord = {
  topic: 'orders.events',
  partition: 2,
  offset: 1043,
  timestamp: Date.parse('2026-11-25T10:00:07.120Z'),
  key: Buffer.from('17850'),
  value: Buffer.from([0, 0, 0, 0, 7, 255]),
  headers: {
    id: '0190b3a0-0000-7000-8000-00000000abcd',
    eventType: 'OrderPlaced',
    aggregateId: 'order-1',
    keySeq: '12',
    occurredAt: '2026-11-25T10:00:07.100000Z',
    schemaFingerprint: 'ff',
  },
};
const decoded = {
  schemaId: 7,
  recordName: 'shop.orders.OrderPlaced',
  payload: {
    orderId: 'order-1',
    lines: [{ sku: 'cup', quantity: 2 }],
    totalMinor: 9_223_372_036_854_775_807n,
    raw: Buffer.from('ab'),
  },
};
const plain = (_: string, text: string): string => text;

test('an event is a line of what and where, then one line a field', () => {
  expect(recordLines(record, decoded, plain)).toEqual([
    '2026-11-25T10:00:07.120Z  OrderPlaced  key 17850  #12  about order-1  orders.events 2@1043',
    '  orderId    order-1',
    '  lines      [{"sku":"cup","quantity":2}]',
    '  totalMinor 9223372036854775807',
    '  raw        0x6162',
  ]);
});

test('as JSON it is one line, bigint and bytes as text', () => {
  const line = recordJson(record, decoded);
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    topic: 'orders.events',
    partition: 2,
    offset: 1043,
    timestamp: '2026-11-25T10:00:07.120Z',
    key: '17850',
    id: '0190b3a0-0000-7000-8000-00000000abcd',
    eventType: 'OrderPlaced',
    aggregateId: 'order-1',
    keySeq: 12,
    occurredAt: '2026-11-25T10:00:07.100000Z',
    otherHeaders: { schemaFingerprint: 'ff' },
    schemaId: 7,
    recordName: 'shop.orders.OrderPlaced',
    payload: {
      orderId: 'order-1',
      lines: [{ sku: 'cup', quantity: 2 }],
      totalMinor: '9223372036854775807',
      raw: '0x6162',
    },
  });
});

test('what could not be decoded is hex with the reason, cut where it is long, in full as JSON', () => {
  const long = { ...record, value: Buffer.alloc(300, 1) };
  const [, reason, hex] = recordLines(long, { reason: 'The bytes are no event.' }, plain);
  expect(reason).toBe('  The bytes are no event.');
  expect(hex).toBe(`  0x${'01'.repeat(200)}… (300 bytes)`);
  expect(JSON.parse(recordJson(long, { reason: 'no' }))).toMatchObject({
    undecodable: 'no',
    hex: '01'.repeat(300),
  });
});

test('a record of somebody else may have no key, no value and no header', () => {
  const foreign = { ...record, key: null, value: null, headers: {}, timestamp: Number.NaN };
  expect(recordLines(foreign, undefined, plain)).toEqual([
    'NaN  ?  key -  orders.events 2@1043',
    '  no value',
  ]);
  expect(JSON.parse(recordJson(foreign, undefined))).toMatchObject({ key: null, payload: null });
});

test('texts can not move the cursor, and keys that are no text are hex', () => {
  const evil = {
    ...record,
    key: Buffer.from('a\u001b[2Jb\n'),
    headers: { ...record.headers, aggregateId: 'x\ry' },
  };
  const [head = ''] = recordLines(evil, undefined, plain);
  expect(head).toContain('key a\\x1b[2Jb\\x0a  ');
  expect(head).toContain('about x\\x0dy');
  expect(keyText(Buffer.from([0xff, 0x00]))).toBe('0xff00');
});
