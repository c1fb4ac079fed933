import { horizonShortfall } from '../../../src/consumer/check-horizon.ts';

const days = (count: number): number => count * 86_400_000;

describe('horizonShortfall', () => {
  test('finds nothing wrong with the topics as this project makes them', () => {
    expect(horizonShortfall('t', { retentionMs: days(7), segmentMs: days(7) })).toBeUndefined();
  });

  test.each([
    [
      'keeps its records longer',
      { retentionMs: days(10), segmentMs: days(7) },
      'a copy can come for 31 days',
    ],
    ['leaves its segments open longer', { retentionMs: days(7), segmentMs: days(7) + 1 }, 'for 29 days'],
    ['keeps its records for ever', { retentionMs: -1, segmentMs: days(7) }, 'keeps its records for ever'],
  ])('says so for a topic that %s', (_, settings, words) => {
    expect(horizonShortfall('t', settings)).toContain(words);
  });
});
