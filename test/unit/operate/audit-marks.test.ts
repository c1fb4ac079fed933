import {
  fitsLog,
  passedByConsumer,
  passedBySlot,
  withMark,
  type Mark,
} from '../../../src/operate/audit/passed-marks.ts';

const offsets = (...ends: number[]): Map<number, number> =>
  new Map(ends.map((end, partition) => [partition, end]));
const mark = (before: string, lsn: bigint, ...ends: number[]): Mark => ({
  before,
  lsn,
  ends: ends.length === 0 ? undefined : new Map([['a.events', offsets(...ends)]]),
});
const marks = [mark('1', 100n, 5, 5), mark('2', 200n, 9, 7), mark('3', 300n)];

test('the slot has passed the newest moment whose place in the log it has confirmed', () => {
  expect(passedBySlot(marks, undefined)).toBeUndefined();
  expect(passedBySlot(marks, 99n)).toBeUndefined();
  expect(passedBySlot(marks, 200n)?.before).toBe('2');
  expect(passedBySlot(marks, 1_000n)?.before).toBe('3');
});

test('a consumer has passed a moment when it has passed all partitions, wherever an event is', () => {
  expect(passedByConsumer(marks, 'a.events', offsets(9, 6))?.before).toBe('1');
  expect(passedByConsumer(marks, 'a.events', offsets(9, 7))?.before).toBe('2');
  expect(passedByConsumer(marks, 'a.events', offsets(100, 4))).toBeUndefined();
});

test('a partition that was never begun is passed only while it is empty', () => {
  expect(passedByConsumer([mark('1', 1n, 5, 0)], 'a.events', offsets(5))?.before).toBe('1');
  expect(passedByConsumer([mark('1', 1n, 5, 1)], 'a.events', offsets(5))).toBeUndefined();
});

test('nothing is known to be passed of a moment or a topic whose ends nobody has read', () => {
  expect(passedByConsumer([mark('1', 1n)], 'a.events', offsets(99))).toBeUndefined();
  expect(passedByConsumer(marks, 'b.events', offsets(99, 99))).toBeUndefined();
});

test('a position behind the end of its log says nothing', () => {
  expect(fitsLog(offsets(5, 7), offsets(5, 8))).toBe(true);
  expect(fitsLog(offsets(5, 9), offsets(5, 8))).toBe(false);
  expect(fitsLog(offsets(5), new Map())).toBe(false);
});

test('moments are forgotten at some time', () => {
  let kept: Mark[] = [];
  for (let index = 0; index < 1_000; index += 1) kept = withMark(kept, mark(String(index), BigInt(index)));
  expect(kept).toHaveLength(720);
  expect(kept.at(-1)?.before).toBe('999');
});
