import avro from 'avsc';
import fc from 'fast-check';
import { parseWriterSchema, readAsWritten } from '../../../src/events/read-as-written.ts';

const schema = {
  type: 'record',
  name: 'Everything',
  namespace: 'test',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'count', type: 'int' },
    { name: 'ratio', type: 'double' },
    { name: 'small', type: 'float' },
    { name: 'text', type: 'string' },
    { name: 'raw', type: 'bytes' },
    { name: 'code', type: { type: 'fixed', name: 'Code', size: 2 } },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'BLUE'] } },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string' }] },
      },
    },
    { name: 'tags', type: { type: 'map', values: 'long' } },
    { name: 'note', type: ['null', 'string'] },
    { name: 'next', type: ['null', 'Everything'] },
  ],
};
const value = {
  flag: true,
  count: -3,
  ratio: 0.25,
  small: 0.5,
  text: 'kundé',
  raw: Buffer.from([0, 255]),
  code: Buffer.from([1, 2]),
  colour: 'BLUE',
  lines: [{ sku: 'a' }, { sku: 'b' }],
  tags: { x: 9_007_199_254_740_990 },
  note: null,
};
const encode = (type: object, content: unknown): Buffer =>
  avro.Type.forSchema(type as avro.Schema).toBuffer(content);
const read = (type: object, bytes: Buffer): unknown =>
  readAsWritten(parseWriterSchema(JSON.stringify(type)), bytes, 0);

test('every kind of type is read as avsc writes it, a schema within itself included', () => {
  const nested = { ...value, note: 'inner', next: null };
  expect(read(schema, encode(schema, { ...value, next: nested }))).toEqual({ ...value, next: nested });
});

test.each([
  ['timestamp-millis', 'long', 1_795_568_568_044, '2026-11-25T01:02:48.044Z'],
  ['timestamp-micros', 'long', 1_795_568_568_044_090, '2026-11-25T01:02:48.044090Z'],
  ['timestamp-micros', 'long', -1, '1969-12-31T23:59:59.999999Z'],
  ['local-timestamp-millis', 'long', 0, '1970-01-01T00:00:00.000'],
  ['date', 'int', 20_000, '2024-10-04'],
  ['time-millis', 'int', 3_723_004, '01:02:03.004'],
  ['time-micros', 'long', 1, '00:00:00.000001'],
  ['something-new', 'long', 5, 5],
  ['timestamp-millis', 'long', 9_007_199_254_740_990, 9_007_199_254_740_990],
])('%s of %s %d is %s', (logicalType, type, written, shown) => {
  expect(read({ type, logicalType }, encode({ type }, written))).toBe(shown);
});

test.each([
  ['04d2', 2, '12.34'],
  ['ff', 1, '-0.1'],
  ['', 2, '0'],
  ['07', 0, '7'],
])('the decimal 0x%s with %d digits behind the point is %s', (hex, scale, shown) => {
  const bytes = encode({ type: 'bytes' }, Buffer.from(hex, 'hex'));
  expect(read({ type: 'bytes', logicalType: 'decimal', precision: 9, scale }, bytes)).toBe(shown);
});

test('a long that a number would round is a bigint', () => {
  expect(read({ type: 'long' }, Buffer.from('feffffffffffffffff01', 'hex'))).toBe(9_223_372_036_854_775_807n);
  expect(read({ type: 'long' }, Buffer.from('ffffffffffffffffff01', 'hex'))).toBe(
    -9_223_372_036_854_775_808n,
  );
});

test.each([
  ['a boolean', { type: 'boolean' }, '02', 'a boolean is 2'],
  ['a text longer than the bytes', { type: 'string' }, '0861', 'the bytes end too early'],
  ['a negative length', { type: 'bytes' }, '01', 'a length is -1'],
  [
    'an enum',
    { type: 'enum', name: 'E', symbols: ['A'] },
    '02',
    'there is no symbol of an enum with number 1',
  ],
  ['a union', ['null', 'string'], '08', 'there is no branch of a union with number 4'],
  ['a number without end', { type: 'long' }, 'ffffffffffffffffffffff', 'a number has more than 64 bits'],
  [
    'an array of 268 million',
    { type: 'array', items: 'long' },
    '808080800201',
    '268435456 items are claimed where 1 bytes are left',
  ],
  ['nulls without end', { type: 'array', items: 'null' }, '808080800201', '268435456 items are claimed'],
  [
    'nulls without end in small blocks',
    { type: 'array', items: { type: 'array', items: 'null' } },
    `06${'a09c0100'.repeat(3)}00`,
    '10000 items are claimed',
  ],
  ['what is left', { type: 'boolean' }, '0100', '1 bytes are left over'],
])('bytes that are not %s are refused with the reason', (_, type, hex, reason) => {
  expect(() => read(type, Buffer.from(hex, 'hex'))).toThrow(reason);
});

test('whatever the bytes, it answers or refuses at once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const startedAt = performance.now();
      try {
        read(schema, Buffer.from(bytes));
      } catch (error) {
        expect(Error.isError(error)).toBe(true);
      }
      expect(performance.now() - startedAt).toBeLessThan(500);
    }),
  );
});
