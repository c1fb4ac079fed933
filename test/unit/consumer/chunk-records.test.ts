import fc from 'fast-check';
import { chunkRecords } from '../../../src/consumer/chunk-records.ts';

const records = (...offsets: number[]) => offsets.map((offset) => ({ offset: String(offset) }));

describe('chunkRecords', () => {
  test('gives control records at the end to the last chunk', () => {
    expect(chunkRecords(records(10, 11, 12), { from: 9, end: 15, maxSize: 2 })).toEqual([
      { from: 9, to: 12, records: records(10, 11) },
      { from: 12, to: 15, records: records(12) },
    ]);
  });

  test('joins without a hole, keeps every record in order, and no chunk is too large', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(200), { minLength: 1 }).map((offsets) => offsets.sort((a, b) => a - b)),
        fc.nat(5),
        fc.integer({ min: 1, max: 50 }),
        (offsets, control, maxSize) => {
          const from = Math.max(0, (offsets[0] ?? 0) - control);
          const end = (offsets.at(-1) ?? 0) + 1 + control;
          const chunks = chunkRecords(records(...offsets), { from, end, maxSize });
          expect(chunks.flatMap((chunk) => chunk.records)).toEqual(records(...offsets));
          expect(chunks[0]?.from).toBe(from);
          expect(chunks.at(-1)?.to).toBe(end);
          chunks.forEach((chunk, index) => {
            expect(chunk.records.length).toBeLessThanOrEqual(maxSize);
            if (index > 0) expect(chunk.from).toBe(chunks[index - 1]?.to);
            for (const { offset } of chunk.records) {
              expect(Number(offset)).toBeGreaterThanOrEqual(chunk.from);
              expect(Number(offset)).toBeLessThan(chunk.to);
            }
          });
        },
      ),
    );
  });
});
