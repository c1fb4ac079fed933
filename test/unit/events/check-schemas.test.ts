import { readFileSync } from 'node:fs';
import { schemas } from '../../../src/contracts/topic-settings.ts';
import { checkSchemas } from '../../../src/events/check-schemas.ts';
import { editedSchemas } from '../../../src/events/edited-schemas.ts';
import { readSchemaFolder } from '../../../src/events/read-schema-folder.ts';
import type { SchemaProblem } from '../../../src/events/schema-problem.ts';

const orderId = { name: 'orderId', type: 'string', doc: 'The order.' };
const total = (type: string) => ({ name: 'totalMinor', type, doc: 'In minor units.' });

const schema = (fields: object[], more: object = {}): string =>
  JSON.stringify({ type: 'record', name: 'OrderPlaced', namespace: 'shop', fields, ...more });
const file = (name: string, text: string) => ({ file: `orders.events/${name}`, text });
const v = (version: number, fields: object[], more?: object) =>
  file(`OrderPlaced.v${version}.avsc`, schema(fields, more));

const shown = ({ file: at, rule, field, against }: SchemaProblem): string =>
  [at.replace('orders.events/', ''), rule, field, ...against].join(' ').trim();

test('the schemas of this repository are all in order', () => {
  const files = readSchemaFolder(schemas);
  expect(files.length).toBeGreaterThan(5);
  expect(checkSchemas(files)).toEqual([]);
});

test('each version is compared with every earlier one, and one reason names all that it holds against', () => {
  const problems = checkSchemas([
    v(1, [total('long')]),
    v(2, [total('long'), { ...orderId, default: '' }]),
    v(3, [total('int'), orderId]),
    v(10, [total('int'), orderId]),
  ]);
  expect(problems.map(shown)).toEqual([
    // v2 has it.
    'OrderPlaced.v3.avsc type-narrowed totalMinor v1 v2',
    'OrderPlaced.v3.avsc field-added-without-default orderId v1',
    'OrderPlaced.v10.avsc version-missing',
    'OrderPlaced.v10.avsc type-narrowed totalMinor v1 v2',
    'OrderPlaced.v10.avsc field-added-without-default orderId v1',
  ]);
  expect(problems[2]).toMatchObject({
    sentence: 'stands after a hole: there is no v4 to v9 of OrderPlaced',
  });
});

test.each([
  ['a file of another name', file('order-placed.avsc', schema([orderId])), ['order-placed.avsc file-name']],
  ['no JSON', file('OrderPlaced.v1.avsc', '{'), ['OrderPlaced.v1.avsc not-avro']],
  ['a type that does not exist', v(1, [{ ...orderId, type: 'uuid' }]), ['OrderPlaced.v1.avsc not-avro']],
  ['two fields of one name', v(1, [orderId, orderId]), ['OrderPlaced.v1.avsc not-avro']],
  ['another record name', v(1, [orderId], { name: 'Order' }), ['OrderPlaced.v1.avsc record-name']],
  ['no namespace', v(1, [orderId], { namespace: undefined }), ['OrderPlaced.v1.avsc record-name']],
  [
    'a default of another type',
    v(1, [{ ...orderId, default: 7 }]),
    ['OrderPlaced.v1.avsc default-unfit orderId'],
  ],
  [
    'a field without a doc',
    v(1, [{ name: 'orderId', type: 'string' }]),
    ['OrderPlaced.v1.avsc doc-missing orderId'],
  ],
])('%s is told', (_, one, expected) => {
  expect(checkSchemas([one]).map(shown)).toEqual(expected);
});

test('a folder that can be no topic is told', () => {
  expect(
    checkSchemas([{ file: 'orders events/OrderPlaced.v1.avsc', text: schema([orderId]) }]),
  ).toMatchObject([{ rule: 'topic-name', sentence: expect.stringContaining('orders events') as string }]);
});

test('another namespace is another record', () => {
  const problems = checkSchemas([v(1, [orderId]), v(2, [orderId], { namespace: 'store' })]);
  expect(problems).toMatchObject([
    {
      rule: 'name-changed',
      sentence: 'was the record shop.OrderPlaced and is now store.OrderPlaced',
      remedy: 'Keep the name shop.OrderPlaced.',
    },
  ]);
});

test('a published file may be laid out anew, but neither edited, nor its docs, nor deleted', () => {
  const published = (files: ReturnType<typeof v>[], mustBeKept = true) => [
    { commit: 'main', files, mustBeKept },
  ];
  const before = [v(1, [orderId]), v(2, [orderId, { ...total('long'), default: 0 }])];
  const laidOut = before.map((one) => ({ ...one, text: JSON.stringify(JSON.parse(one.text), null, 4) }));
  expect(editedSchemas(laidOut, published(before), 'schemas')).toEqual([]);

  const otherDoc = [v(1, [{ ...orderId, doc: 'The order, a UUID.' }]), ...before.slice(1)];
  expect(editedSchemas(otherDoc, published(before), 'schemas')).toEqual([
    {
      file: 'orders.events/OrderPlaced.v1.avsc',
      rule: 'published-edited',
      field: '',
      against: ['main'],
      sentence: 'was published and is edited here: the registry would give it another id',
      remedy:
        'Put it back (git checkout main -- schemas/orders.events/OrderPlaced.v1.avsc) and make the change in OrderPlaced.v3.avsc.',
    },
  ]);
  expect(editedSchemas(before.slice(1), published(before), 'schemas').map(shown)).toEqual([
    'OrderPlaced.v1.avsc published-deleted  main',
  ]);
  // Another branch has got v2 since: it need not be here.
  expect(editedSchemas(before.slice(0, 1), published(before, false), 'schemas')).toEqual([]);
});

test('a file that is readable to nobody is still not to be edited', () => {
  const [first] = readSchemaFolder(schemas);
  if (first === undefined) throw new Error('There is no schema.');
  expect(readFileSync(new URL(first.file, schemas), 'utf8')).toBe(first.text);
  const broken = { ...first, text: `${first.text}}` };
  expect(
    editedSchemas([broken], [{ commit: 'main', files: [first], mustBeKept: true }], 'schemas'),
  ).toHaveLength(1);
});
