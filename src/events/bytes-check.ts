import type avro from 'avsc';
import { MOST_EMPTY_ITEMS } from './byte-reader.ts';
import { resolveSchema } from './resolved-schema.ts';
import type { Primitive, ResolvedRecord, ResolvedSchema } from './resolved-schema.ts';

/** @throws Error what is wrong with bytes that hold no value of the type, as part of a sentence */
export type BytesCheck = (bytes: Buffer, from: number) => void;

type Walk = (cursor: Cursor) => void;

/**
 * A check of bytes that may be anything, before avsc gets them: it makes as many items as the bytes claim, also past their end, so
 * six bytes that claim a long array fill the memory of the process. What has passed holds exactly one value of the type, and no
 * more items than it has bytes (or 10,000). Builds nothing, so it costs a fraction of decoding.
 */
export function bytesCheckFor(type: avro.Type): BytesCheck {
  const walk = walkOf(resolveSchema(type.schema()), new Map());
  return (bytes, from) => {
    const cursor = new Cursor(bytes, from);
    walk(cursor);
    if (cursor.left > 0) throw new Error(`${cursor.left} bytes are left over`);
  };
}

class Cursor {
  readonly #bytes: Buffer;
  #at: number;
  #items: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#items = Math.max(bytes.length, MOST_EMPTY_ITEMS);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  skip(count: number): void {
    if (count < 0) throw new Error(`a length is ${count}`);
    if (count > this.left) throw new Error('the bytes end too early');
    this.#at += count;
  }

  /** A zigzag-coded number; rounded beyond 2^53, which is no length anyhow. */
  long(): number {
    let [value, factor] = [0, 1];
    for (let read = 0; read < 10; read += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new Error('the bytes end too early');
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    throw new Error('a number has more than 64 bits');
  }

  /** Over the whole value, so that many small blocks are bounded as one large block is. */
  claim(items: number): void {
    this.#items -= items;
    if (this.#items < 0) throw new Error(`${items} items are claimed where ${this.left} bytes are left`);
  }
}

function walkOf(schema: ResolvedSchema, known: Map<ResolvedSchema, Walk>): Walk {
  switch (schema.kind) {
    case 'record':
      return recordWalk(schema, known);
    case 'array':
      return itemsWalk(walkOf(schema.items, known));
    case 'map': {
      const value = walkOf(schema.values, known);
      return itemsWalk((cursor) => {
        cursor.skip(cursor.long());
        value(cursor);
      });
    }
    case 'union':
      return unionWalk(schema.branches.map((branch) => walkOf(branch, known)));
    case 'enum':
      return enumWalk(schema.symbols.length);
    case 'fixed':
      return (cursor) => cursor.skip(schema.size);
    case 'primitive':
      return PRIMITIVES[schema.primitive];
  }
}

/** Known before its fields are: a record may contain itself. */
function recordWalk(schema: ResolvedRecord, known: Map<ResolvedSchema, Walk>): Walk {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const fields: Walk[] = [];
  const walk: Walk = (cursor) => {
    for (const field of fields) field(cursor);
  };
  known.set(schema, walk);
  for (const { type } of schema.fields) fields.push(walkOf(type, known));
  return walk;
}

/** Blocks of items; a negative count is followed by the block's length in bytes. */
function itemsWalk(item: Walk): Walk {
  return (cursor) => {
    for (let count = cursor.long(); count !== 0; count = cursor.long()) {
      if (count < 0) cursor.long();
      const items = Math.abs(count);
      cursor.claim(items);
      for (let n = 0; n < items; n += 1) item(cursor);
    }
  };
}

function unionWalk(branches: readonly Walk[]): Walk {
  return (cursor) => {
    const index = cursor.long();
    const branch = branches[index];
    if (branch === undefined) throw new Error(`there is no branch of a union with number ${index}`);
    branch(cursor);
  };
}

function enumWalk(symbols: number): Walk {
  return (cursor) => {
    const index = cursor.long();
    if (index < 0 || index >= symbols) throw new Error(`there is no symbol of an enum with number ${index}`);
  };
}

const skipLong: Walk = (cursor) => void cursor.long();
const skipLength: Walk = (cursor) => cursor.skip(cursor.long());

const PRIMITIVES: Readonly<Record<Primitive, Walk>> = {
  null: () => undefined,
  boolean: (cursor) => cursor.skip(1),
  int: skipLong,
  long: skipLong,
  float: (cursor) => cursor.skip(4),
  double: (cursor) => cursor.skip(8),
  bytes: skipLength,
  string: skipLength,
};
