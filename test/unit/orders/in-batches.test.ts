import { inBatches } from '../../../src/orders/http/in-batches.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 1; i <= count; i++) yield await Promise.resolve(i);
}

describe('batches', () => {
  test('are full ones and a rest', async () => {
    const batches = await collect(inBatches(numbers(5), { items: 2, waitMs: 10_000 }));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('are given on after the wait though the source says nothing more', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await promise;
      yield 2;
    }
    const batches = inBatches(source(), { items: 10, waitMs: 5 });
    expect((await batches.next()).value).toEqual([1]);
    resolve(undefined);
    expect((await batches.next()).value).toEqual([2]);
    expect((await batches.next()).done).toBe(true);
  });

  test('take no more than one item ahead while one is worked on', async () => {
    let taken = 0;
    async function* source(): AsyncGenerator<number> {
      for (;;) yield await Promise.resolve(++taken);
    }
    for await (const batch of inBatches(source(), { items: 3, waitMs: 10_000 })) {
      expect(batch).toEqual([1, 2, 3]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(taken).toBeLessThanOrEqual(4);
      break;
    }
  });

  test('pass on the failure of the source', async () => {
    async function* source(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
      throw new Error('broken');
    }
    await expect(collect(inBatches(source(), { items: 10, waitMs: 1_000 }))).rejects.toThrow('broken');
  });
});
