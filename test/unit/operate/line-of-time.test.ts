import { layOnLine } from '../../../src/operate/trace/line-of-time.ts';
import type { HopState, StoryHop } from '../../../src/operate/trace/story.ts';

const start = Date.parse('2026-01-05T10:00:00.000Z');
const hop = (
  since: number | null,
  at: number | null,
  state: HopState = 'done',
): Pick<StoryHop, 'state' | 'since' | 'at'> => ({
  state,
  since: since === null ? null : new Date(start + since).toISOString(),
  at: at === null ? null : new Date(start + at).toISOString(),
});
const rounded = (value: number | undefined): number => Math.round((value ?? NaN) * 1_000) / 1_000;
const spans = (...hops: Parameters<typeof layOnLine>[0]): (number[] | null)[] =>
  layOnLine(hops).spans.map((span) => span && [rounded(span.from), rounded(span.to)]);

test('all hops share one line: each bar goes from when the hop before was done to when it was', () => {
  const hops = [hop(null, 0), hop(0, 10), hop(10, 40)];
  expect(spans(...hops)).toEqual([
    [0, 0],
    [0, 0.25],
    [0.25, 1],
  ]);
  expect(layOnLine(hops)).toMatchObject({ drawnMs: 40, knownTo: 1, cuts: [] });
});

test('what is not done stands behind what is known, whose scale does not change while it waits', () => {
  const line = layOnLine([hop(null, 0), hop(0, 100), hop(100, null, 'waiting')]);
  expect(line.knownTo).toBeLessThan(1);
  expect(line.drawnMs).toBe(100);
  expect(line.spans[1]?.to).toBeCloseTo(line.knownTo);
  expect(line.spans[2]).toEqual({ from: line.spans[1]?.to, to: 1 });
});

test('a parked event is drawn from when it could have been applied', () => {
  const line = layOnLine([hop(null, 0), hop(0, 100), hop(100, 150, 'parked')]);
  expect(line.drawnMs).toBe(150);
  expect(line.spans[2]?.to).toBe(1);
});

test('hours without anything are cut out, with how long they were; milliseconds stay to be seen', () => {
  const day = 86_400_000;
  const {
    drawnMs,
    cuts,
    spans: places,
  } = layOnLine([hop(null, 0), hop(0, 50), hop(null, day), hop(day, day + 50)]);
  expect(drawnMs).toBe(100);
  expect(cuts).toHaveLength(1);
  expect(cuts[0]?.ms).toBe(day - 50);
  expect(cuts[0]?.from).toBeCloseTo(places[1]?.to ?? NaN);
  expect(cuts[0]?.to).toBeCloseTo(places[2]?.from ?? NaN);
  expect(places[3]?.to).toBeCloseTo(1);
});

test('a long hop is drawn as long as it took, since it is what the line is about', () => {
  const line = layOnLine([hop(null, 0), hop(0, 60_000), hop(60_000, 60_010)]);
  expect(line.cuts).toEqual([]);
  expect(line.spans[1]?.to).toBeGreaterThan(0.99);
});

test('a clock that is behind gives a mark, not a bar to the left', () => {
  expect(spans(hop(null, 0), hop(20, 10), hop(0, 40))).toEqual([
    [0, 0],
    [0.25, 0.25],
    [0, 1],
  ]);
});

test('a story of which no time is known, or one moment only, is drawn all the same', () => {
  expect(spans(hop(null, null))).toEqual([null]);
  expect(spans(hop(null, null, 'waiting'))).toEqual([null]);
  expect(spans(hop(null, 0))).toEqual([[0, 0]]);
});
