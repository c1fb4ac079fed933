import fc from 'fast-check';
import { canonicalJson, hashRequest } from '../../../src/orders/idempotency.ts';

describe('the hash of a request', () => {
  test('does not depend on the order of fields or on white space', () => {
    const one: unknown = JSON.parse('{"a": 1, "b": {"c": [1, {"x": 1, "y": 2}], "d": null}}');
    const other: unknown = JSON.parse('{"b":{"d":null,"c":[1,{"y":2,"x":1}]},"a":1}');
    expect(hashRequest('POST /x', one)).toEqual(hashRequest('POST /x', other));
  });

  test('depends on the operation, on values and on the order of a list', () => {
    const hashes = [
      hashRequest('POST /x', { a: [1, 2] }),
      hashRequest('POST /y', { a: [1, 2] }),
      hashRequest('POST /x', { a: [2, 1] }),
      hashRequest('POST /x', { a: ['1', 2] }),
    ].map((hash) => hash.toString('hex'));
    expect(new Set(hashes).size).toBe(4);
  });

  test('leaves out what is undefined, as JSON does', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  test('is JSON of the same value, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
