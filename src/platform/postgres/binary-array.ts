/** What an element of each Postgres type is here. */
interface Elements {
  uuid: string;
  text: string;
  int: number;
  bigint: number;
  bytea: Buffer;
  timestamptz: Date;
  /** As JSON text. */
  jsonb: string;
}

interface Codec<Value> {
  /** Of the element type, in pg_type. */
  readonly oid: number;
  /** Bytes that an element takes at most. */
  readonly room: (value: Value) => number;
  /** Writes the element. @returns how many bytes it took */
  readonly write: (into: Buffer, at: number, value: Value) => number;
}

const ARRAY_HEADER_BYTES = 20;
const YEAR_2000_MS = Date.UTC(2000, 0, 1);
const MOST_UTF8_BYTES_A_UNIT = 3;

const codecs: { readonly [Type in keyof Elements]: Codec<Elements[Type]> } = {
  uuid: { oid: 2950, room: () => 16, write: writeUuid },
  text: {
    oid: 25,
    room: (value) => value.length * MOST_UTF8_BYTES_A_UNIT,
    write: (into, at, value) => into.write(value, at),
  },
  int: {
    oid: 23,
    room: () => 4,
    write: (into, at, value) => into.writeInt32BE(value, at) - at,
  },
  bigint: { oid: 20, room: () => 8, write: writeBigint },
  bytea: { oid: 17, room: (value) => value.length, write: (into, at, value) => value.copy(into, at) },
  timestamptz: {
    oid: 1184,
    room: () => 8,
    // Microseconds since 2000.
    write: (into, at, value) => writeBigint(into, at, (value.getTime() - YEAR_2000_MS) * 1_000),
  },
  jsonb: {
    oid: 3802,
    room: (value) => 1 + value.length * MOST_UTF8_BYTES_A_UNIT,
    write: (into, at, value) => into.writeUInt8(1, at) - at + into.write(value, at + 1),
  },
};

/**
 * An array as a parameter of a statement, in Postgres' binary form. For arrays as long as a batch: pg writes a list as text, each
 * element escaped, and Postgres reads it letter by letter, which is much of the cost of a batch on both sides.
 * The statement must give the parameter this very type (`$1::uuid[]`), or Postgres refuses it.
 * @throws TypeError for what is no UUID, RangeError for what is no whole number
 */
export function binaryArray<Type extends keyof Elements>(
  type: Type,
  values: readonly (Elements[Type] | null)[],
): Buffer {
  const codec: Codec<Elements[Type]> = codecs[type];
  let room = ARRAY_HEADER_BYTES;
  for (const value of values) room += 4 + (value === null ? 0 : codec.room(value));
  const array = Buffer.allocUnsafe(room);
  let at = writeHeader(array, codec.oid, values);
  for (const value of values) {
    const start = at + 4;
    const length = value === null ? -1 : codec.write(array, start, value);
    array.writeInt32BE(length, at);
    at = start + Math.max(0, length);
  }
  return array.subarray(0, at);
}

/** @returns where the elements begin */
function writeHeader(array: Buffer, oid: number, values: readonly unknown[]): number {
  const dimensions = values.length === 0 ? 0 : 1;
  array.writeInt32BE(dimensions, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  if (dimensions === 0) return 12;
  array.writeInt32BE(values.length, 12);
  // The index of the first element.
  array.writeInt32BE(1, 16);
  return ARRAY_HEADER_BYTES;
}

function writeUuid(into: Buffer, at: number, value: string): number {
  const hex = value.replaceAll('-', '');
  // Node stops without a word at what is no hex.
  if (hex.length !== 32 || into.write(hex, at, 'hex') !== 16) throw new TypeError(`"${value}" is no UUID.`);
  return 16;
}

function writeBigint(into: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${value} is no whole number, or too large for one.`);
  into.writeInt32BE(Math.floor(value / 2 ** 32), at);
  into.writeUInt32BE(value >>> 0, at + 4);
  return 8;
}
