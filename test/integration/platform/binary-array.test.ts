import { binaryArray } from '../../../src/platform/postgres/binary-array.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('sales');
});
afterAll(async () => {
  await database.drop();
});

/** What Postgres reads in the array, as text. */
async function readBack(type: string, array: Buffer): Promise<unknown> {
  const { rows } = await database.pool.query<{ elements: unknown }>({
    text: `select coalesce(array_agg(element::text order by place), '{}') as elements
           from unnest($1::${type}[]) with ordinality as read (element, place)`,
    values: [array],
  });
  return rows[0]?.elements;
}

describe('binaryArray', () => {
  test('texts of any letters, quotes, backslashes and nulls', async () => {
    const texts = ['', 'a"b', 'c\\d', '{e,f}', 'NULL', null, 'größer €', '👕', 'x'.repeat(100_000)];
    expect(await readBack('text', binaryArray('text', texts))).toEqual(texts);
  });

  test('UUIDs', async () => {
    const ids = ['0198c5a0-7b1c-7def-8123-456789abcdef', 'FFFFFFFF-0000-4000-8000-000000000001', null];
    expect(await readBack('uuid', binaryArray('uuid', ids))).toEqual(
      ids.map((id) => id?.toLowerCase() ?? null),
    );
  });

  test.each(['', 'no uuid', '0198c5a0-7b1c-7def-8123-456789abcdeg', '0198c5a0-7b1c-7def-8123-456789abcd'])(
    'refuses %p as a UUID',
    (text) => {
      expect(() => binaryArray('uuid', [text])).toThrow(`"${text}" is no UUID.`);
    },
  );

  test('whole numbers, large and negative', async () => {
    const numbers = [0, -1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(await readBack('bigint', binaryArray('bigint', numbers))).toEqual(numbers.map(String));
    expect(await readBack('int', binaryArray('int', [7, -7]))).toEqual(['7', '-7']);
    expect(() => binaryArray('bigint', [0.5])).toThrow(RangeError);
    expect(() => binaryArray('int', [2 ** 31])).toThrow(RangeError);
  });

  test('moments, bytes and JSON', async () => {
    const moments = [new Date('1999-12-31T23:59:59.999Z'), new Date('2026-11-25T05:06:07.008Z')];
    expect(await readBack('timestamptz', binaryArray('timestamptz', moments))).toEqual([
      '1999-12-31 23:59:59.999+00',
      '2026-11-25 05:06:07.008+00',
    ]);
    expect(await readBack('bytea', binaryArray('bytea', [Buffer.from([0, 92, 255])]))).toEqual(['\\x005cff']);
    expect(await readBack('jsonb', binaryArray('jsonb', ['[{"sku":"é"}]']))).toEqual(['[{"sku": "é"}]']);
  });

  test('an empty one', async () => {
    expect(await readBack('text', binaryArray('text', []))).toEqual([]);
  });

  test('is refused by a statement that calls it another type', async () => {
    await expect(readBack('bigint', binaryArray('int', [1]))).rejects.toThrow();
  });
});
