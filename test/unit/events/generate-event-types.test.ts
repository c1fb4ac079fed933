import { generateEventTypes } from '../../../src/events/generate-event-types.ts';

const record = (name: string, fields: object[]) => ({
  type: name,
  version: 2,
  text: JSON.stringify({ type: 'record', name, fields }),
});

test('writes one interface a record, one union an enum, and the versions', () => {
  const text = generateEventTypes('parcel.events', [
    record('ParcelSent', [
      { name: 'parcelId', type: 'string', doc: 'The parcel.' },
      { name: 'weightGrams', type: ['null', 'long'] },
      { name: 'size', type: { type: 'enum', name: 'Size', symbols: ['SMALL', 'LARGE'] } },
      { name: 'stops', type: { type: 'array', items: ['null', 'string'] } },
      { name: 'labels', type: { type: 'map', values: 'string' } },
    ]),
  ]);
  expect(text).toContain("export type Size = 'SMALL' | 'LARGE';");
  expect(text).toContain('  /** The parcel. */\n  readonly parcelId: string;');
  expect(text).toContain('  readonly weightGrams: null | number;');
  expect(text).toContain('  readonly stops: readonly (null | string)[];');
  expect(text).toContain('  readonly labels: Readonly<Record<string, string>>;');
  expect(text).toContain('export interface ParcelEvents {\n  readonly ParcelSent: ParcelSent;\n}');
  expect(text).toContain('export const parcelEventsVersions = {\n  ParcelSent: 2,\n} as const;');
});

test('refuses one name for two different types', () => {
  const line = (type: string) => ({
    name: 'line',
    type: { type: 'record', name: 'Line', fields: [{ name: 'sku', type }] },
  });
  expect(() => generateEventTypes('x', [record('A', [line('string')]), record('B', [line('int')])])).toThrow(
    'Two different types are named Line',
  );
});
