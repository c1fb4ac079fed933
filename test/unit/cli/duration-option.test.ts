import { durationOption, parseDuration } from '../../../src/cli/duration-option.ts';

test.each([
  ['500ms', 500],
  ['5s', 5_000],
  ['5', 5_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('%s is %d milliseconds', (text, ms) => {
  expect(durationOption(text)).toBe(ms);
});

test.each(['', 'soon', '5 weeks', '-1s', '0', '2026-11-25'])('"%s" is no time span', (text) => {
  expect(() => durationOption(text)).toThrow(/Give a time span/);
});

test('0 is a time span where one may be empty', () => {
  expect(parseDuration('0')).toBe(0);
});
