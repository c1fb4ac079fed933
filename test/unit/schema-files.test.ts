import { readFileSync } from 'node:fs';
import { schemas } from '../../src/contracts/topic-settings.ts';
import { listSchemaFiles } from '../../src/events/list-schema-files.ts';

const files = listSchemaFiles(schemas).map(({ topic, type, version }) => `${topic}/${type}.v${version}.avsc`);

/** Every field of the schema, at any depth, with the path to it. */
function fieldsOf(schema: unknown, path: string): { path: string; doc: unknown; type: string }[] {
  if (Array.isArray(schema)) return schema.flatMap((branch) => fieldsOf(branch, path));
  if (typeof schema !== 'object' || schema === null) return [];
  const { fields, items, values, type } = schema as Record<string, unknown>;
  const own = (Array.isArray(fields) ? fields : []) as { name: string; doc?: unknown; type: unknown }[];
  return [
    ...own.flatMap((field) => [
      { path: `${path}.${field.name}`, doc: field.doc, type: JSON.stringify(field.type) },
      ...fieldsOf(field.type, `${path}.${field.name}`),
    ]),
    ...[items, values, type].flatMap((inner) => fieldsOf(inner, path)),
  ];
}

test.each(files)('%s: every field says what it means, and no amount is a float', (file) => {
  const fields = fieldsOf(JSON.parse(readFileSync(new URL(file, schemas), 'utf8')), file);
  expect(fields.length).toBeGreaterThan(0);
  expect(
    fields.filter(({ doc }) => typeof doc !== 'string' || doc.length < 4).map(({ path }) => path),
  ).toEqual([]);
  expect(fields.filter(({ type }) => /"(float|double)"/.test(type)).map(({ path }) => path)).toEqual([]);
});

test('whoever announces held keys says the same, since the runtime says it for all of them', () => {
  const announcements = files.filter((file) => file.includes('.parked/'));
  const texts = announcements.map((file) => readFileSync(new URL(file, schemas), 'utf8'));
  const types = new Set(announcements.map((file) => file.split('/')[1]));
  expect(types).toEqual(new Set(['KeyHeld.v1.avsc', 'KeyReleased.v1.avsc']));
  expect(new Set(texts).size).toBe(types.size);
});
