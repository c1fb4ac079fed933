import { nameOf } from './describe-schema.ts';
import type { Primitive, ResolvedRecord, ResolvedSchema } from './resolved-schema.ts';

/** A field of a schema, and the way to it as `Incompatibility.path` writes it. */
export interface FieldProblem {
  readonly path: string;
  readonly sentence: string;
  readonly remedy: string;
}

/** Every field whose default is no value of its type; a reader could not make an old event whole with it. */
export function unfitDefaults(schema: ResolvedSchema): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  visitFields(schema, (field, path) => {
    if (field.default === undefined || fits(field.type, field.default.value)) return;
    const isUnion = field.type.kind === 'union';
    problems.push({
      path,
      sentence: `has the default ${JSON.stringify(field.default.value)}, which does not fit ${nameOf(firstOf(field.type))}`,
      remedy: isUnion
        ? 'The default must be of the first of its types: put that type first.'
        : 'Give it a default of its type.',
    });
  });
  return problems;
}

/** Every field that does not say what it means. */
export function fieldsWithoutDoc(schema: ResolvedSchema): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  visitFields(schema, (field, path) => {
    if (field.doc !== undefined && field.doc.trim() !== '') return;
    problems.push({
      path,
      sentence: 'has no "doc"',
      remedy: 'Say in a sentence what it means: it becomes the comment in the generated type.',
    });
  });
  return problems;
}

type Visit = (field: ResolvedRecord['fields'][number], path: string) => void;

function visitFields(
  schema: ResolvedSchema,
  visit: Visit,
  path = '',
  seen = new Set<ResolvedSchema>(),
): void {
  switch (schema.kind) {
    case 'record':
      // A record may contain itself, and may be used twice: its fields are seen once.
      if (seen.has(schema)) return;
      seen.add(schema);
      for (const field of schema.fields) {
        const at = path === '' ? field.name : `${path}.${field.name}`;
        visit(field, at);
        visitFields(field.type, visit, at, seen);
      }
      return;
    case 'array':
      visitFields(schema.items, visit, `${path}[]`, seen);
      return;
    case 'map':
      visitFields(schema.values, visit, `${path}{}`, seen);
      return;
    case 'union':
      for (const branch of schema.branches) visitFields(branch, visit, path, seen);
      return;
    default:
      return;
  }
}

/** The default of a union is of its first type (Avro specification). */
const firstOf = (schema: ResolvedSchema): ResolvedSchema =>
  schema.kind === 'union' && schema.branches[0] !== undefined ? schema.branches[0] : schema;

function fits(schema: ResolvedSchema, value: unknown): boolean {
  switch (schema.kind) {
    case 'primitive':
      return PRIMITIVE_FITS[schema.primitive](value);
    case 'enum':
      return typeof value === 'string' && schema.symbols.includes(value);
    case 'fixed':
      return isBytes(value) && value.length === schema.size;
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(schema.items, item));
    case 'map':
      return isObject(value) && Object.values(value).every((item) => fits(schema.values, item));
    case 'record':
      return (
        isObject(value) &&
        schema.fields.every((field) =>
          field.name in value ? fits(field.type, value[field.name]) : field.default !== undefined,
        )
      );
    case 'union':
      return schema.branches.length > 0 && fits(firstOf(schema), value);
  }
}

const PRIMITIVE_FITS: Readonly<Record<Primitive, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  int: (value) => Number.isInteger(value) && Math.abs((value as number) + 0.5) <= 2 ** 31,
  long: (value) => Number.isSafeInteger(value),
  float: (value) => typeof value === 'number',
  double: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  bytes: (value) => isBytes(value),
};

/** JSON has no bytes: a text with one character (0 to 255) a byte. */
const isBytes = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.from(value, 'latin1').toString('latin1') === value;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
