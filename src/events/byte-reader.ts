/** Items of no bytes (null, say) could be claimed without end. */
export const MOST_EMPTY_ITEMS = 10_000;

/** Reads Avro's binary primitives and never beyond the end: bytes that are no event must not become a value, nor fill the memory. */
export class ByteReader {
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

  /** @throws Error `the bytes end too early` */
  take(count: number): Buffer {
    if (count < 0) throw new Error(`a length is ${count}`);
    if (count > this.left) throw new Error('the bytes end too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  /** A zigzag-coded number of at most 64 bits; a bigint where a number would be rounded. */
  long(): number | bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return exact(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    }
    throw new Error('a number has more than 64 bits');
  }

  /**
   * Before that many items are read. Counted over all blocks of the value: nothing real has more items than bytes.
   * @throws Error when that is more than there can be
   */
  claim(items: number): void {
    this.#items -= items;
    if (this.#items < 0) throw new Error(`${items} items are claimed where ${this.left} bytes are left`);
  }

  /** A number that counts or points at something. */
  count(): number {
    const value = this.long();
    if (typeof value === 'bigint') throw new Error(`a length is ${value}`);
    return value;
  }
}

const exact = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
