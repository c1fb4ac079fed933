import avro from 'avsc';
import { ByteReader } from './byte-reader.ts';
import { readableLogical } from './readable-logical.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Keeps a logical type with its schema, so that its values can be shown as what they mean. */
class KeptLogicalType extends avro.types.LogicalType {
  readonly attributes: Attributes;

  constructor(schema: avro.Schema, options?: object) {
    super(schema, options);
    this.attributes = schema as unknown as Attributes;
  }
}

const LOGICAL_TYPES = [
  ...['timestamp-millis', 'timestamp-micros', 'local-timestamp-millis', 'local-timestamp-micros'],
  ...['date', 'time-millis', 'time-micros', 'decimal'],
];

/** An Avro schema as `readAsWritten` needs it. @throws when the text is no Avro schema */
export function parseWriterSchema(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text) as avro.Schema, {
    logicalTypes: Object.fromEntries(LOGICAL_TYPES.map((name) => [name, KeptLogicalType])),
  });
}

/**
 * The value that these bytes hold by the schema they were written with, for people to look at: times as ISO text, decimals as
 * text, longs beyond 2^53 as bigint, branches of unions without their name. Consumers decode with the schema of their build.
 *
 * avsc itself is no choice for bytes that may be anything: it reads beyond their end, and six bytes that claim a long array fill
 * the memory of the process.
 * @throws Error what is wrong with the bytes, as part of a sentence
 */
export function readAsWritten(type: avro.Type, bytes: Buffer, from: number): unknown {
  const reader = new ByteReader(bytes, from);
  const value = readValue(type, reader);
  if (reader.left > 0) throw new Error(`${reader.left} bytes are left over`);
  return value;
}

function readValue(type: avro.Type, reader: ByteReader): unknown {
  const { types } = avro;
  if (type instanceof KeptLogicalType)
    return readableLogical(
      String(type.attributes['logicalType']),
      type.attributes,
      readValue(type.underlyingType, reader),
    );
  if (type instanceof types.RecordType)
    return Object.fromEntries(type.fields.map((field) => [field.name, readValue(field.type, reader)]));
  if (type instanceof types.ArrayType) return readItems(reader, () => readValue(type.itemsType, reader));
  if (type instanceof types.MapType) {
    const valuesType = type.valuesType as avro.Type;
    return Object.fromEntries(
      readItems(reader, () => [readText(reader), readValue(valuesType, reader)] as const),
    );
  }
  if (type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType)
    return readValue(oneOf(type.types, reader.count(), 'branch of a union'), reader);
  if (type instanceof types.EnumType) return oneOf(type.symbols, reader.count(), 'symbol of an enum');
  if (type instanceof types.FixedType) return reader.take(type.size);
  return readPrimitive(type.typeName, reader);
}

function readPrimitive(name: string, reader: ByteReader): unknown {
  switch (name) {
    case 'null':
      return null;
    case 'boolean': {
      const byte = reader.byte();
      if (byte > 1) throw new Error(`a boolean is ${byte}`);
      return byte === 1;
    }
    case 'int':
    case 'long':
      return reader.long();
    case 'float':
      return reader.take(4).readFloatLE();
    case 'double':
      return reader.take(8).readDoubleLE();
    case 'bytes':
      return reader.take(reader.count());
    case 'string':
      return readText(reader);
    default:
      throw new Error(`the schema has a type ${name}, which can not be shown`);
  }
}

const readText = (reader: ByteReader): string => reader.take(reader.count()).toString('utf8');

/** Blocks of items; a negative count is followed by the block's length in bytes. */
function readItems<T>(reader: ByteReader, readItem: () => T): T[] {
  const items: T[] = [];
  for (;;) {
    const count = reader.count();
    if (count === 0) return items;
    if (count < 0) reader.count();
    reader.claim(Math.abs(count));
    for (let n = Math.abs(count); n > 0; n -= 1) items.push(readItem());
  }
}

function oneOf<T>(choices: readonly T[], index: number, what: string): T {
  const choice = choices[index];
  if (choice === undefined) throw new Error(`there is no ${what} with number ${index}`);
  return choice;
}
