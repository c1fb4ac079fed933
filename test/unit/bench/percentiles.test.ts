import { percentilesOf } from '../../bench/percentiles.ts';

const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => most - i);

describe('percentilesOf', () => {
  test('values that were measured, by nearest rank, whatever their order', () => {
    expect(percentilesOf(upTo(1_000))).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1_000 });
  });

  test('of few values the high ones are the largest', () => {
    expect(percentilesOf([3, 1, 2])).toEqual({ p50: 2, p90: 3, p99: 3, p999: 3, max: 3 });
    expect(percentilesOf([7])).toEqual({ p50: 7, p90: 7, p99: 7, p999: 7, max: 7 });
  });

  test('sorts by number, also below zero', () => {
    expect(percentilesOf([10, 9, -2]).p50).toBe(9);
  });

  test('refuses no values', () => {
    expect(() => percentilesOf([])).toThrow(RangeError);
  });
});
