import { resolveSchema } from '../../../src/events/resolved-schema.ts';
import { fieldsWithoutDoc, unfitDefaults } from '../../../src/events/schema-defaults.ts';
import { schemaIncompatibilities } from '../../../src/events/schema-incompatibilities.ts';

const event = (fields: object[], more: object = {}) =>
  resolveSchema({ type: 'record', name: 'OrderPlaced', namespace: 'shop', fields, ...more });
const line = (fields: object[]) => ({ type: 'array', items: { type: 'record', name: 'Line', fields } });
const orderId = { name: 'orderId', type: 'string' };
const decimal = (precision: number, scale: number) => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
});

/** One line a reason: path: sentence. remedy */
function reasons(earlier: object[], later: object[]): string[] {
  return schemaIncompatibilities(event(later), event(earlier)).map(
    ({ path, sentence, remedy }) => `${path}: ${sentence}. ${remedy}`,
  );
}

test.each([
  [
    'a field added without a default',
    [orderId],
    [orderId, { name: 'channel', type: 'string' }],
    [
      'channel: is new and has no default, so an older event has nothing to put there. Give it a "default", e.g. the type ["null", ...] with "default": null.',
    ],
  ],
  [
    'a field renamed, in a list',
    [{ name: 'lines', type: line([{ name: 'unitPrice', type: 'long' }, orderId]) }],
    [{ name: 'lines', type: line([orderId, { name: 'unitPriceMinor', type: 'long' }]) }],
    [
      'lines[].unitPriceMinor: is new and has no default, so an older event has nothing to put there. If it is unitPrice by a new name, add "aliases": ["unitPrice"]; if it is new, give it a "default".',
    ],
  ],
  [
    'a number narrowed',
    [{ name: 'totalMinor', type: 'long' }],
    [{ name: 'totalMinor', type: 'int' }],
    [
      'totalMinor: was long and is now int, which does not hold all that was written. Keep long: a type may only widen.',
    ],
  ],
  [
    'a type changed, in a map',
    [{ name: 'labels', type: { type: 'map', values: 'string' } }],
    [{ name: 'labels', type: { type: 'map', values: 'long' } }],
    ['labels{}: was string and is now long. Keep string, and add a new field for the other type.'],
  ],
  [
    'null no longer allowed',
    [{ name: 'reason', type: ['null', 'string'] }],
    [{ name: 'reason', type: 'string' }],
    ['reason: could be null and is now only string. Keep null among its types.'],
  ],
  [
    'an enum symbol lost',
    [{ name: 'channel', type: { type: 'enum', name: 'Channel', symbols: ['WEB', 'PHONE', 'FAX'] } }],
    [{ name: 'channel', type: { type: 'enum', name: 'Channel', symbols: ['WEB'] } }],
    [
      'channel: could be PHONE, FAX, which Channel no longer has. Keep PHONE, FAX, or give the enum a "default" that old values are read as.',
    ],
  ],
  [
    'a fixed of another size',
    [{ name: 'hash', type: { type: 'fixed', name: 'Hash', size: 16 } }],
    [{ name: 'hash', type: { type: 'fixed', name: 'Hash', size: 32 } }],
    ['hash: was 16 bytes long and is now 32. Keep the size, and add a new field for the other one.'],
  ],
  [
    'a nested record renamed',
    [{ name: 'place', type: { type: 'record', name: 'Place', fields: [orderId] } }],
    [{ name: 'place', type: { type: 'record', name: 'Address', fields: [orderId] } }],
    [
      'place: was the record shop.Place and is now shop.Address. Keep the name shop.Place, or add "aliases": ["shop.Place"].',
    ],
  ],
  [
    'another unit of time, which Avro lets pass',
    [{ name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-millis' } }],
    [{ name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-micros' } }],
    [
      'placedAt: was timestamp-millis and is now timestamp-micros: what was written would be read as something else, without an error. Keep it as it was, and add a new field for the new meaning.',
    ],
  ],
  [
    'another scale of a decimal, which avsc lets pass',
    [{ name: 'weight', type: decimal(10, 2) }],
    [{ name: 'weight', type: decimal(10, 3) }],
    [
      'weight: was decimal(10, 2) and is now decimal(10, 3): what was written would be read as something else, without an error. Keep it as it was, and add a new field for the new meaning.',
    ],
  ],
])('%s', (_, earlier, later, expected) => {
  expect(reasons(earlier, later)).toEqual(expected);
});

test.each([
  ['a field with a default', [orderId], [orderId, { name: 'channel', type: 'string', default: 'WEB' }]],
  ['a field left out', [orderId, { name: 'channel', type: 'string' }], [orderId]],
  [
    'a field renamed with an alias',
    [{ name: 'unitPrice', type: 'long' }],
    [{ name: 'unitPriceMinor', aliases: ['unitPrice'], type: 'long' }],
  ],
  ['a number widened', [{ name: 'count', type: 'int' }], [{ name: 'count', type: ['null', 'long'] }]],
])('%s is no incompatibility', (_, earlier, later) => {
  expect(reasons(earlier, later)).toEqual([]);
});

test('every reason is found, not only the first', () => {
  const found = schemaIncompatibilities(
    event([
      { name: 'totalMinor', type: 'int' },
      { name: 'lines', type: line([{ name: 'sku', type: 'long' }]) },
      { name: 'a', type: 'int' },
    ]),
    event([
      { name: 'totalMinor', type: 'long' },
      { name: 'lines', type: line([{ name: 'sku', type: 'string' }]) },
    ]),
  );
  expect(found.map(({ path, rule }) => [path, rule])).toEqual([
    ['totalMinor', 'type-narrowed'],
    ['lines[].sku', 'type-changed'],
    ['a', 'field-added-without-default'],
  ]);
});

test('the record itself is another one', () => {
  expect(schemaIncompatibilities(event([], { name: 'OrderCreated' }), event([]))).toEqual([
    {
      path: '',
      rule: 'name-changed',
      sentence: 'was the record shop.OrderPlaced and is now shop.OrderCreated',
      remedy: 'Keep the name shop.OrderPlaced.',
    },
  ]);
});

test('a record that contains itself is compared, and hinted at, to an end', () => {
  const tree = (child: string) =>
    event([
      {
        name: 'tree',
        type: { type: 'record', name: 'Tree', fields: [{ name: child, type: ['null', 'Tree'] }] },
      },
    ]);
  expect(schemaIncompatibilities(tree('left'), tree('left'))).toEqual([]);
  expect(schemaIncompatibilities(tree('leftTree'), tree('left')).map(({ path }) => path)).toEqual([
    'tree.leftTree',
  ]);
});

test('a default that does not fit is said with its place', () => {
  const schema = event([
    { name: 'count', type: 'int', default: 2 ** 31 },
    { name: 'least', type: 'int', default: -(2 ** 31) },
    { name: 'reason', type: ['string', 'null'], default: null },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 }, default: 'ÿ\u0000' },
    { name: 'lines', type: line([{ name: 'sku', type: 'string', default: 7 }]), default: [] },
    { name: 'place', type: { type: 'record', name: 'Place', fields: [orderId] }, default: {} },
    { name: 'other', type: 'Place', default: { orderId: 'a' } },
  ]);
  expect(unfitDefaults(schema).map(({ path, sentence }) => `${path} ${sentence}`)).toEqual([
    'count has the default 2147483648, which does not fit int',
    'reason has the default null, which does not fit string',
    'lines[].sku has the default 7, which does not fit string',
    'place has the default {}, which does not fit the record Place',
  ]);
});

test('a field without a doc is said with its place, nested ones too', () => {
  const schema = event([
    { name: 'orderId', type: 'string', doc: 'The order.' },
    { name: 'lines', doc: ' ', type: line([{ name: 'sku', type: 'string' }]) },
  ]);
  expect(fieldsWithoutDoc(schema).map(({ path }) => path)).toEqual(['lines', 'lines[].sku']);
});
