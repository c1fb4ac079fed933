import { avroJson } from './avro-schema-json.ts';
import type { AvroComplex, AvroJson } from './avro-schema-json.ts';

/** The newest version of one event type: its schema file's text. */
export interface SchemaSource {
  readonly type: string;
  readonly version: number;
  readonly text: string;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  // A long beyond 2^53 is refused when it is read, never rounded.
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

/**
 * TypeScript for all event types of a topic: one interface a record, one union an enum, docs as comments, a map
 * `<Topic>Events` from type name to payload, and the versions that this build writes.
 * @throws Error when two event types use one record or enum name for different things.
 */
export function generateEventTypes(topic: string, sources: readonly SchemaSource[]): string {
  const declarations = new Map<string, string>();
  for (const source of sources) declareNamed(avroJson.parse(JSON.parse(source.text)), declarations);
  const name = pascalCase(topic);
  return [
    `// Generated from schemas/${topic} by \`npm run generate\`. Do not edit.`,
    ...declarations.values(),
    `/** Every event type of ${topic} and its payload. */`,
    `export interface ${name} {\n${sources.map(({ type }) => `  readonly ${type}: ${type};`).join('\n')}\n}`,
    `/** The version of each schema that this build writes. */`,
    `export const ${name[0]?.toLowerCase() ?? ''}${name.slice(1)}Versions = {\n${sources
      .map(({ type, version }) => `  ${type}: ${version},`)
      .join('\n')}\n} as const;`,
    '',
  ]
    .join('\n\n')
    .replace(/(\*\/)\n\n/g, '$1\n');
}

/** Declares a named type after those it uses, so that a reader meets nothing unknown. */
function declareNamed(schema: AvroJson, declarations: Map<string, string>): void {
  if (typeof schema === 'string') return;
  if (Array.isArray(schema)) {
    schema.forEach((branch) => declareNamed(branch, declarations));
    return;
  }
  childrenOf(schema).forEach((child) => declareNamed(child, declarations));
  const declaration = declarationOf(schema);
  if (declaration === undefined) return;
  const { name, text } = declaration;
  const other = declarations.get(name);
  if (other !== undefined && other !== text) {
    throw new Error(`Two different types are named ${name}; give one of them another name.`);
  }
  declarations.set(name, text);
}

function childrenOf(schema: AvroComplex): AvroJson[] {
  switch (schema.type) {
    case 'record':
      return schema.fields.map((field) => field.type);
    case 'array':
      return [schema.items];
    case 'map':
      return [schema.values];
    default:
      return [];
  }
}

function declarationOf(schema: AvroComplex): { name: string; text: string } | undefined {
  if (schema.type === 'record') {
    const fields = schema.fields.map(
      (field) => `${comment(field.doc, '  ')}  readonly ${field.name}: ${typeOf(field.type)};`,
    );
    return {
      name: schema.name,
      text: `${comment(schema.doc)}export interface ${schema.name} {\n${fields.join('\n')}\n}`,
    };
  }
  if (schema.type === 'enum') {
    const symbols = schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
    return { name: schema.name, text: `${comment(schema.doc)}export type ${schema.name} = ${symbols};` };
  }
  return undefined;
}

function typeOf(schema: AvroJson): string {
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? schema.split('.').at(-1) ?? schema;
  if (Array.isArray(schema)) return schema.map(typeOf).join(' | ');
  switch (schema.type) {
    case 'record':
    case 'enum':
      return schema.name;
    case 'array':
      return `readonly ${wrapUnion(typeOf(schema.items))}[]`;
    case 'map':
      return `Readonly<Record<string, ${typeOf(schema.values)}>>`;
    case 'fixed':
      return 'Buffer';
    default:
      return typeOf(schema.type);
  }
}

const wrapUnion = (type: string): string => (type.includes(' ') ? `(${type})` : type);
const comment = (doc: string | undefined, indent = ''): string =>
  doc === undefined ? '' : `${indent}/** ${doc} */\n`;
const pascalCase = (topic: string): string =>
  topic
    .split(/[.-]/)
    .map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`)
    .join('');
