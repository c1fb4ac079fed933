import avro from 'avsc';
import fc from 'fast-check';
import { resolveSchema } from '../../../src/events/resolved-schema.ts';
import { unfitDefaults } from '../../../src/events/schema-defaults.ts';
import { isUnreadable, schemaIncompatibilities } from '../../../src/events/schema-incompatibilities.ts';
import { eventSchema, schemaPair, type SchemaJson } from './avro-schemas.ts';

const runs = { numRuns: 1000 };

/** Undefined when Avro takes it for no schema. */
function typeOf(schema: SchemaJson): avro.Type | undefined {
  try {
    return avro.Type.forSchema(schema as avro.Schema);
  } catch {
    return undefined;
  }
}

function canAvroRead(reader: avro.Type, writer: avro.Type): boolean {
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
}

test('the walker finds a reason exactly when Avro refuses, changed meanings aside', () => {
  const seen = { readable: 0, refused: 0, changedMeaning: 0 };
  fc.assert(
    fc.property(schemaPair, ([earlier, later]) => {
      const [writer, reader] = [typeOf(earlier), typeOf(later)];
      fc.pre(writer !== undefined && reader !== undefined);
      const reasons = schemaIncompatibilities(resolveSchema(later), resolveSchema(earlier));
      const isReadable = canAvroRead(reader, writer);
      expect(reasons.filter(isUnreadable).length === 0).toBe(isReadable);
      seen[isReadable ? 'readable' : 'refused'] += 1;
      if (isReadable && reasons.length > 0) seen.changedMeaning += 1;
    }),
    runs,
  );
  // A generator that only made one kind of pair would prove nothing.
  expect(Math.min(seen.readable, seen.refused)).toBeGreaterThan(runs.numRuns / 10);
  expect(seen.changedMeaning).toBeGreaterThan(0);
});

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'];
const kinds: SchemaJson[] = [
  ...primitives,
  ...primitives.map((items) => ({ type: 'array', items })),
  ...primitives.map((values) => ({ type: 'map', values })),
  ['null', 'long'],
  ['null', 'string', 'double'],
  { type: 'enum', name: 'Colour', symbols: ['A', 'B'] },
  { type: 'enum', name: 'Colour', symbols: ['A'] },
  { type: 'enum', name: 'Colour', symbols: ['A'], default: 'A' },
  { type: 'enum', name: 'Tint', symbols: ['A'], aliases: ['Colour'] },
  { type: 'fixed', name: 'Hash', size: 4 },
  { type: 'fixed', name: 'Hash', size: 8 },
  { type: 'record', name: 'Line', fields: [{ name: 'a', type: 'int' }] },
  { type: 'record', name: 'Line', fields: [{ name: 'b', type: 'int', aliases: ['a'] }] },
  { type: 'record', name: 'Other', fields: [{ name: 'a', type: 'int' }] },
];

test.each(kinds.map((earlier) => [JSON.stringify(earlier), earlier]))(
  'what was written as %s is readable as Avro says',
  (_, earlier) => {
    for (const later of kinds) {
      const [writer, reader] = [typeOf(earlier), typeOf(later)];
      if (writer === undefined || reader === undefined) throw new Error('The example is no schema.');
      const reasons = schemaIncompatibilities(resolveSchema(later), resolveSchema(earlier));
      expect([later, reasons.length === 0]).toEqual([later, canAvroRead(reader, writer)]);
    }
  },
);

test('a schema can always read itself', () => {
  fc.assert(
    fc.property(eventSchema, (schema) => {
      const resolved = resolveSchema(schema);
      expect(schemaIncompatibilities(resolved, resolveSchema(schema))).toEqual([]);
      expect(schemaIncompatibilities(resolved, resolved)).toEqual([]);
    }),
    runs,
  );
});

test('a default is called unfit exactly when Avro refuses the schema for it', () => {
  const seen = { fit: 0, unfit: 0 };
  fc.assert(
    fc.property(eventSchema, (schema) => {
      const isFit = unfitDefaults(resolveSchema(schema)).length === 0;
      expect(isFit).toBe(typeOf(schema) !== undefined);
      seen[isFit ? 'fit' : 'unfit'] += 1;
    }),
    runs,
  );
  expect(Math.min(seen.fit, seen.unfit)).toBeGreaterThan(runs.numRuns / 20);
});
