import { spreadOf } from '../../bench/statistics.ts';

describe('spreadOf', () => {
  test('the middle one of an odd number, and the ends', () => {
    expect(spreadOf([10, 2, 7])).toEqual({ median: 7, min: 2, max: 10 });
  });

  test('half way between the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 });
  });

  test('nothing has no middle', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});
