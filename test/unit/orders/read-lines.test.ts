import fc from 'fast-check';
import { readLines } from '../../../src/orders/http/read-lines.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

async function* chunks(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function linesOf(parts: readonly Buffer[], maxBytes: number): Promise<(string | undefined)[]> {
  const lines = await collect(readLines(chunks(parts), maxBytes));
  expect(lines.map((line) => line.number)).toEqual(lines.map((_, i) => i + 1));
  return lines.map((line) => line.bytes?.toString());
}

describe('reading lines', () => {
  test('gives the same lines wherever the stream is cut', async () => {
    const text = fc.array(fc.stringMatching(/^[ab€]{0,6}$/), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200)), async (lines, cuts) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`);
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const parts = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
        expect(await linesOf(parts, 100)).toEqual(lines);
      }),
    );
  });

  test('gives a last line without a newline', async () => {
    expect(await linesOf([Buffer.from('a\nb')], 10)).toEqual(['a', 'b']);
  });

  test('skips a line that is too long and goes on with the next', async () => {
    const parts = ['1234', '56', '78\n', 'ok\n', '12345'].map((part) => Buffer.from(part));
    expect(await linesOf(parts, 5)).toEqual([undefined, 'ok', '12345']);
  });
});
