import type { OrderStory, StoryHop } from '../../../../src/dashboard/dashboard-state.ts';
import { storyBars } from '../../../../src/dashboard/page/story-bars.ts';

const start = Date.parse('2026-01-05T10:00:00.000Z');
const hop = (ms: number | null, durationMs: number | null): StoryHop => ({
  kind: 'kafka',
  state: ms === null ? 'waiting' : 'done',
  where: 'orders-outbox',
  eventType: 'OrderPlaced',
  at: ms === null ? null : new Date(start + ms).toISOString(),
  durationMs,
  detail: '',
});
const story = (...hops: StoryHop[]): OrderStory => ({
  subject: 'order',
  status: null,
  settled: false,
  stuck: null,
  hops,
  problems: [],
});

test('all hops share one line of time: each bar ends when its hop happened and is as long as it took', () => {
  const { bars, totalMs } = storyBars(story(hop(0, null), hop(10, 10), hop(40, 30)));
  expect(totalMs).toBe(40);
  expect(bars.map(({ from, width }) => [from, width])).toEqual([
    [0, 0],
    [0, 25],
    [25, 75],
  ]);
});

test('what has not happened stands at the end of what is known', () => {
  const { bars } = storyBars(story(hop(0, null), hop(20, 20), hop(null, null)));
  expect(bars.at(-1)).toMatchObject({ from: 100, width: 0 });
});

test('a story of which no time is known, or one moment only, is drawn all the same', () => {
  expect(storyBars(story(hop(null, null)))).toMatchObject({ bars: [{ from: 0, width: 0 }], totalMs: null });
  expect(storyBars(story(hop(0, null)))).toMatchObject({ bars: [{ from: 0, width: 0 }], totalMs: null });
});
