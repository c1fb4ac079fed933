/** An Avro schema with every name made full and every reference followed, so that two of them can be walked side by side. */
export type ResolvedSchema =
  | { readonly kind: 'primitive'; readonly primitive: Primitive; readonly logical?: LogicalType }
  | ResolvedRecord
  | ResolvedEnum
  | ResolvedFixed
  | { readonly kind: 'array'; readonly items: ResolvedSchema }
  | { readonly kind: 'map'; readonly values: ResolvedSchema }
  | { readonly kind: 'union'; readonly branches: readonly ResolvedSchema[] };

export type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';

/** What the bytes mean beyond their type; `precision` and `scale` only of a decimal. */
export interface LogicalType {
  readonly name: string;
  readonly precision?: number;
  readonly scale?: number;
}

interface Named {
  /** With namespace. */
  readonly name: string;
  /** With namespace. */
  readonly aliases: readonly string[];
}
export interface ResolvedRecord extends Named {
  readonly kind: 'record';
  readonly fields: readonly ResolvedField[];
}
export interface ResolvedField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly doc: string | undefined;
  readonly type: ResolvedSchema;
  /** As JSON writes it; undefined when there is none. */
  readonly default: { readonly value: unknown } | undefined;
}
export interface ResolvedEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}
export interface ResolvedFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical?: LogicalType;
}

const PRIMITIVES: readonly string[] = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'string',
  'bytes',
] satisfies Primitive[];

type Json = Readonly<Record<string, unknown>>;
type Names = Map<string, ResolvedSchema>;

/**
 * @param json a schema as `JSON.parse` gives it
 * @throws Error that says what is no Avro
 */
export function resolveSchema(json: unknown): ResolvedSchema {
  return resolve(json, '', new Map());
}

function resolve(json: unknown, namespace: string, names: Names): ResolvedSchema {
  if (typeof json === 'string') return resolveName(json, namespace, names);
  if (Array.isArray(json))
    return { kind: 'union', branches: json.map((branch) => resolve(branch, namespace, names)) };
  if (typeof json !== 'object' || json === null) throw new Error(`${JSON.stringify(json)} is no type`);
  const schema = json as Json;
  switch (schema['type']) {
    case 'record':
      return resolveRecord(schema, namespace, names);
    case 'enum':
      return remember(names, {
        kind: 'enum',
        ...namesOf(schema, namespace),
        symbols: textsOf(schema['symbols']),
        default: typeof schema['default'] === 'string' ? schema['default'] : undefined,
      });
    case 'fixed':
      return remember(names, {
        kind: 'fixed',
        ...namesOf(schema, namespace),
        size: Number(schema['size']),
        ...logicalOf(schema),
      });
    case 'array':
      return { kind: 'array', items: resolve(schema['items'], namespace, names) };
    case 'map':
      return { kind: 'map', values: resolve(schema['values'], namespace, names) };
    default:
      return { ...resolve(schema['type'], namespace, names), ...logicalOf(schema) };
  }
}

function resolveName(name: string, namespace: string, names: Names): ResolvedSchema {
  if (PRIMITIVES.includes(name)) return { kind: 'primitive', primitive: name as Primitive };
  const found = names.get(fullName(name, namespace));
  if (found === undefined) throw new Error(`there is no type ${name}`);
  return found;
}

/** Its name is known before its fields are read: a record may contain itself. */
function resolveRecord(schema: Json, namespace: string, names: Names): ResolvedSchema {
  const fields: ResolvedField[] = [];
  const own = namesOf(schema, namespace);
  const record = remember(names, { kind: 'record', ...own, fields });
  const inner = own.name.split('.').slice(0, -1).join('.');
  for (const field of listOf(schema['fields']) as Json[]) {
    fields.push({
      name: String(field['name']),
      aliases: textsOf(field['aliases']),
      doc: typeof field['doc'] === 'string' ? field['doc'] : undefined,
      type: resolve(field['type'], inner, names),
      default: 'default' in field ? { value: field['default'] } : undefined,
    });
  }
  return record;
}

function remember<Schema extends ResolvedRecord | ResolvedEnum | ResolvedFixed>(
  names: Names,
  schema: Schema,
): Schema {
  if (names.has(schema.name)) throw new Error(`the name ${schema.name} stands for two types`);
  names.set(schema.name, schema);
  return schema;
}

function namesOf(schema: Json, namespace: string): Named {
  const { name } = schema;
  if (typeof name !== 'string') throw new Error(`a ${String(schema['type'])} has no name`);
  const space = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
  const full = fullName(name, space);
  const inner = full.split('.').slice(0, -1).join('.');
  return { name: full, aliases: textsOf(schema['aliases']).map((alias) => fullName(alias, inner)) };
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

function logicalOf(schema: Json): { logical?: LogicalType } {
  const { logicalType, precision, scale } = schema;
  if (typeof logicalType !== 'string') return {};
  if (logicalType !== 'decimal') return { logical: { name: logicalType } };
  return {
    logical: {
      name: logicalType,
      precision: Number(precision),
      scale: typeof scale === 'number' ? scale : 0,
    },
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const textsOf = (value: unknown): string[] => listOf(value).filter((one) => typeof one === 'string');
