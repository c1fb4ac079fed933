import { inBytes, inCount, inRate, inTime } from '../../../../src/dashboard/page/in-words.ts';

test('a time is said in the unit that leaves one to three figures', () => {
  const said = [0, 31.4, 999, 1_000, 9_949, 9_950, 99_000, 100_000, 3_600_000, 6_000_000, 172_800_000];
  expect(said.map(inTime)).toEqual([
    '0 ms',
    '31 ms',
    '999 ms',
    '1.0 s',
    '9.9 s',
    '10 s',
    '99 s',
    '2 min',
    '60 min',
    '2 h',
    '2 d',
  ]);
});

test('bytes are said in powers of 1000, and never as 1000 of the smaller unit', () => {
  expect([0, 912, 999.6, 12_345, 3_400_000, 999_600_000].map(inBytes)).toEqual([
    '0 B',
    '912 B',
    '1.0 kB',
    '12 kB',
    '3.4 MB',
    '1.0 GB',
  ]);
});

test('rates and counts', () => {
  expect([0, 0.44, 9.94, 9.96, 1_204.4].map(inRate)).toEqual(['0', '0.4', '9.9', '10', '1,204']);
  expect(inCount(1_234_567)).toBe('1,234,567');
});

test('what is not known is a dash, never 0', () => {
  expect([inTime(null), inBytes(null), inRate(null), inCount(null)]).toEqual(['–', '–', '–', '–']);
});
