import fc from 'fast-check';
import {
  bulkLine,
  mostLines,
  orderBody,
  orderBodyLimitBytes,
} from '../../../src/orders/http/order-schemas.ts';
import { totalOf } from '../../../src/orders/order.ts';
import { parseRequest } from '../../../src/platform/http/parse-request.ts';
import { HttpProblem } from '../../../src/platform/http/problem.ts';

const line = { sku: 'A', quantity: 1, unitPriceMinor: 100 };
const good = { country: 'France', lines: [line] };

function errorsOf(body: unknown): readonly { field: string; reason: string }[] {
  try {
    parseRequest(orderBody, body);
  } catch (error) {
    if (error instanceof HttpProblem) return error.problem.errors ?? [];
    throw error;
  }
  return [];
}

describe('the body of an order', () => {
  test('needs only country and lines; the currency is GBP unless said', () => {
    expect(parseRequest(orderBody, good)).toEqual({ ...good, currency: 'GBP' });
  });

  test.each([
    ['a missing field', { lines: [line] }, 'country', 'is required'],
    ['an unknown field', { ...good, discount: 1 }, 'discount', 'unknown field'],
    ['an unknown field of a line', { ...good, lines: [{ ...line, x: 1 }] }, 'lines[0].x', 'unknown field'],
    [
      '__proto__',
      JSON.parse('{"country":"F","lines":[{"sku":"A","quantity":1,"unitPriceMinor":1}],"__proto__":{}}'),
      '__proto__',
      'unknown field',
    ],
    ['no lines', { ...good, lines: [] }, 'lines', 'must have at least 1 item'],
    [
      'too many lines',
      { ...good, lines: Array(mostLines + 1).fill(line) },
      'lines',
      'must have at most 1000 items',
    ],
    [
      'half a piece',
      { ...good, lines: [{ ...line, quantity: 1.5 }] },
      'lines[0].quantity',
      'must be a whole number',
    ],
    ['no piece', { ...good, lines: [{ ...line, quantity: 0 }] }, 'lines[0].quantity', 'must be at least 1'],
    [
      'a negative price',
      { ...good, lines: [{ ...line, unitPriceMinor: -1 }] },
      'lines[0].unitPriceMinor',
      'must be at least 1',
    ],
    [
      'a number as text',
      { ...good, lines: [{ ...line, quantity: '1' }] },
      'lines[0].quantity',
      'must be a number, not string',
    ],
    ['a NUL', { ...good, country: 'a\0b' }, 'country', 'must be text without control characters'],
    [
      'half a surrogate pair',
      { ...good, country: '\ud800' },
      'country',
      'must be text without control characters',
    ],
    [
      'a currency in words',
      { ...good, currency: 'pounds' },
      'currency',
      'must be an ISO 4217 code such as GBP',
    ],
  ])('is refused with %s, naming the field', (_what, body, field, reason) => {
    expect(errorsOf(body)).toEqual([{ field, reason }]);
  });

  test('is refused when the total is more than readers can add up', () => {
    const dear = { sku: 'A', quantity: 1_000_000, unitPriceMinor: 1_000_000_000 };
    expect(errorsOf({ ...good, lines: Array(10).fill(dear) })).toEqual([
      { field: 'lines', reason: 'the total must be at most 100000000000' },
    ]);
  });

  test('of the largest size allowed fits the limit of the route', () => {
    const longest = { sku: '\u{20ac}'.repeat(64), quantity: 1_000_000, unitPriceMinor: 1_000_000_000 };
    const body = JSON.stringify({
      ...good,
      reference: 'r'.repeat(128),
      lines: Array(mostLines).fill(longest),
    });
    expect(Buffer.byteLength(body)).toBeLessThan(orderBodyLimitBytes);
  });

  test('tells at most twenty errors and how many more there are', () => {
    const errors = errorsOf({ ...good, lines: Array(30).fill({ ...line, quantity: 0 }) });
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ field: '', reason: 'and 10 more' });
  });

  test('in bulk takes an idempotencyKey of its own', () => {
    expect(parseRequest(bulkLine, { ...good, idempotencyKey: 'k' })).toMatchObject({ idempotencyKey: 'k' });
  });
});

test('the total is the sum of quantity times price, whatever the order of the lines', () => {
  const lines = fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 1e6 }),
      unitPriceMinor: fc.integer({ min: 1, max: 1e6 }),
    }),
  );
  fc.assert(
    fc.property(lines, (some) => {
      const exact = some.reduce((sum, one) => sum + BigInt(one.quantity) * BigInt(one.unitPriceMinor), 0n);
      expect(BigInt(totalOf(some))).toBe(exact);
      expect(totalOf(some.toReversed())).toBe(totalOf(some));
    }),
  );
});
