import fc from 'fast-check';

/** A schema as JSON, or a reference to a type by name. */
export type SchemaJson = string | SchemaJson[] | { readonly [key: string]: unknown };

const primitive = fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes');
const logical = fc.constantFrom<SchemaJson>(
  { type: 'long', logicalType: 'timestamp-millis' },
  { type: 'long', logicalType: 'timestamp-micros' },
  { type: 'int', logicalType: 'date' },
  { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 },
  { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 3 },
);
const symbols = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 1 });
const enumeration = fc
  .tuple(fc.constantFrom('Colour', 'Size'), symbols, fc.boolean())
  .map(([name, list, hasDefault]): SchemaJson => ({
    type: 'enum',
    name,
    symbols: list,
    ...(hasDefault ? { default: list[0] } : {}),
  }));
const fixed = fc
  .tuple(fc.constantFrom('Hash', 'Mark'), fc.constantFrom(4, 8))
  .map(([name, size]): SchemaJson => ({ type: 'fixed', name, size }));

const { type } = fc.letrec<{ type: SchemaJson; record: SchemaJson }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: primitive },
    { weight: 2, arbitrary: logical },
    { weight: 2, arbitrary: enumeration },
    { weight: 1, arbitrary: fixed },
    { weight: 2, arbitrary: tie('type').map((items): SchemaJson => ({ type: 'array', items })) },
    { weight: 1, arbitrary: tie('type').map((values): SchemaJson => ({ type: 'map', values })) },
    { weight: 3, arbitrary: fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map(asUnion) },
    { weight: 3, arbitrary: tie('record') },
  ),
  record: fc
    .tuple(fc.constantFrom('Line', 'Place'), fields(tie('type')))
    .map(([name, list]): SchemaJson => ({ type: 'record', name, fields: list })),
}));

function fields(of: fc.Arbitrary<SchemaJson>): fc.Arbitrary<SchemaJson[]> {
  const field = fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', 'd'),
      of,
      fc.option(fc.constantFrom<unknown>(null, 0, 1.5, 2 ** 40, 'A', 'abcd', true, [], {}), {
        nil: undefined,
        freq: 2,
      }),
      fc.option(fc.constantFrom('a', 'b', 'e'), { nil: undefined, freq: 4 }),
    )
    .map(([name, fieldType, value, alias]) => ({
      name,
      type: fieldType,
      ...(value === undefined || isRecord(fieldType) ? {} : { default: value }),
      ...(alias === undefined || alias === name ? {} : { aliases: [alias] }),
    }));
  return fc
    .uniqueArray(field, { minLength: 1, maxLength: 4, selector: ({ name }) => name })
    .map((list) => list.map((one) => withoutTakenAlias(one, list)));
}

/**
 * avsc's own checks of a record's default are not to be relied on: any value will do when all fields have a default, but `{}`
 * won't when one of them is bytes. Examples test ours.
 */
const isRecord = (fieldType: SchemaJson): boolean =>
  kindOf(asUnion([fieldType])[0] ?? '').startsWith('record ');

/** An alias that is another field's name makes a schema that can not even read itself. */
function withoutTakenAlias<Field extends { aliases?: string[] }>(
  { aliases = [], ...field }: Field,
  list: readonly { name: string }[],
): SchemaJson {
  const free = aliases.filter((alias) => !list.some(({ name }) => name === alias));
  return free.length === 0 ? field : { ...field, aliases: free };
}

/** Avro wants no union in a union, and no two branches of one kind (but for named types). */
function asUnion(branches: SchemaJson[]): SchemaJson[] {
  const flat = branches.flatMap((branch) => (Array.isArray(branch) ? branch : [branch]));
  return [...new Map(flat.map((branch) => [kindOf(branch), branch])).values()];
}

function kindOf(schema: SchemaJson): string {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return 'union';
  return 'name' in schema ? `${String(schema['type'])} ${String(schema['name'])}` : String(schema['type']);
}

/** An event's record. Types of one name are one type: the second one becomes a reference to the first. */
export const eventSchema: fc.Arbitrary<SchemaJson> = fields(type).map((list) =>
  withReferences({ type: 'record', name: 'Event', namespace: 'shop', fields: list }, new Set()),
);

function withReferences(schema: SchemaJson, named: Set<string>): SchemaJson {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map((branch) => withReferences(branch, named));
  const name = schema['name'];
  if (typeof name === 'string') {
    if (named.has(name)) return name;
    named.add(name);
  }
  const inner = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'items' || key === 'values') return [key, withReferences(value as SchemaJson, named)];
    if (key !== 'fields') return [key, value];
    const list = value as { type: SchemaJson }[];
    return [key, list.map((field) => ({ ...field, type: withReferences(field.type, named) }))];
  });
  return Object.fromEntries(inner);
}

/** A schema and what somebody made of it: mostly the same, with one or a few things changed. */
export const schemaPair: fc.Arbitrary<readonly [earlier: SchemaJson, later: SchemaJson]> = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(eventSchema, eventSchema) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(eventSchema, fc.array(fc.tuple(fc.nat(), type), { minLength: 1, maxLength: 3 }))
      .map(([earlier, changes]) => [earlier, changes.reduce(changeOne, earlier)] as const),
  },
);

/** Puts another type, or another field, at the nth place where there is one. */
function changeOne(schema: SchemaJson, [place, other]: readonly [number, SchemaJson]): SchemaJson {
  const text = JSON.stringify(schema);
  const kind = place % 6;
  if (kind === 0)
    return replaceNth(text, /"(int|long|float|double|string|bytes)"/g, place, JSON.stringify(other));
  if (kind === 1) return replaceNth(text, /"(int|long|float|double|string|bytes)"/g, place, '"long"');
  if (kind === 2) return replaceNth(text, /"name":"[abcd]"/g, place, '"name":"e"');
  if (kind === 3) return replaceNth(text, /"(Colour|Size|Hash|Mark|Line|Place)"/g, place, '"Other"');
  if (kind === 4) return replaceNth(text, /"size":4/g, place, '"size":8');
  return replaceNth(text, /(?<=[[,])"[ABCD]",(?="[ABCD]")/g, place, '');
}

function replaceNth(text: string, pattern: RegExp, place: number, by: string): SchemaJson {
  const places = [...text.matchAll(pattern)];
  const found = places[Math.floor(place / 6) % Math.max(places.length, 1)];
  if (found === undefined) return JSON.parse(text) as SchemaJson;
  const changed = JSON.parse(
    text.slice(0, found.index) + by + text.slice(found.index + found[0].length),
  ) as SchemaJson;
  return withReferences(changed, new Set());
}
