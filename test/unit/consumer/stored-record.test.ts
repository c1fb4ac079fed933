import fc from 'fast-check';
import { v7 } from 'uuid';
import { identifyRecord } from '../../../src/consumer/identify-record.ts';
import type { LogRecord } from '../../../src/consumer/read-envelope.ts';
import { restoreRecord, storeRecord } from '../../../src/consumer/stored-record.ts';

const place = { topic: 'tally.events', partition: 3 };
const text = fc.string({ unit: 'binary' });
const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array));

const keys = fc.oneof(
  fc.constant(null),
  bytes,
  text.map((key) => Buffer.from(key)),
  fc
    .constantFrom('(no key) of mine', '(no key) 3/8', 'a\0b', 'x'.repeat(2_001))
    .map((key) => Buffer.from(key)),
);
const records: fc.Arbitrary<LogRecord> = fc.record({
  offset: fc.constant('7'),
  timestamp: fc.nat().map(String),
  key: keys,
  value: fc.option(bytes),
  headers: fc.record(
    {
      id: fc.oneof(text, fc.constant(null), fc.constant(v7())),
      keySeq: fc.oneof(text, bytes, fc.nat().map(String)),
      eventType: fc.oneof(text, bytes),
    },
    { requiredKeys: [] },
  ),
});

test('a record comes out of a queue as who it was, with the same bytes, whatever it holds', () => {
  fc.assert(
    fc.property(records, (record) => {
      const identity = identifyRecord(record, place);
      const restored = restoreRecord(storeRecord(record, identity));
      expect(identifyRecord(restored, place)).toEqual(identity);
      expect(restored.value).toEqual(record.value);
    }),
  );
});
