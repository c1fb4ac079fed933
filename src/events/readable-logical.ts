/** The value of an Avro logical type as a person writes it; the value itself where the type is not known or it does not fit. */
export function readableLogical(
  logicalType: string,
  attributes: { readonly scale?: unknown },
  value: unknown,
): unknown {
  if (logicalType === 'decimal')
    return Buffer.isBuffer(value) ? decimalText(value, Number(attributes.scale ?? 0)) : value;
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const number = BigInt(value);
  switch (logicalType) {
    case 'timestamp-millis':
      return instantText(number * 1_000n, 3) ?? value;
    case 'timestamp-micros':
      return instantText(number, 6) ?? value;
    case 'local-timestamp-millis':
      return instantText(number * 1_000n, 3)?.slice(0, -1) ?? value;
    case 'local-timestamp-micros':
      return instantText(number, 6)?.slice(0, -1) ?? value;
    case 'date':
      return instantText(number * DAY_MICROS, 3)?.slice(0, -'T00:00:00.000Z'.length) ?? value;
    case 'time-millis':
      return timeText(number * 1_000n, 3) ?? value;
    case 'time-micros':
      return timeText(number, 6) ?? value;
    default:
      return value;
  }
}

const DAY_MICROS = 86_400_000_000n;

/** ISO 8601 in UTC; undefined for a year that it can't write. */
function instantText(micros: bigint, digits: 3 | 6): string | undefined {
  const millis = micros >= 0n ? micros / 1_000n : (micros - 999n) / 1_000n;
  const date = new Date(Number(millis));
  if (Number.isNaN(date.getTime())) return undefined;
  const text = date.toISOString();
  if (digits === 3) return text;
  return `${text.slice(0, -1)}${(micros - millis * 1_000n).toString().padStart(3, '0')}Z`;
}

function timeText(micros: bigint, digits: 3 | 6): string | undefined {
  if (micros < 0n || micros >= DAY_MICROS) return undefined;
  return instantText(micros, digits)?.slice('1970-01-01T'.length, -1);
}

/** Two's complement, big-endian, with so many digits behind the point. */
function decimalText(bytes: Buffer, scale: number): string {
  if (bytes.length === 0) return '0';
  const unscaled = BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return unscaled < 0n ? `-${text}` : text;
}
