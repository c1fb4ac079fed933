import { stripVTControlCharacters } from 'node:util';
import { renderDoctor } from '../../../src/cli/render-doctor.ts';
import { wrapped } from '../../../src/cli/wrapped.ts';
import { clockSkew, judgeSkew } from '../../../src/operate/doctor/check-clocks.ts';
import { bytesInWords, listed, secondsInWords } from '../../../src/operate/doctor/in-words.ts';
import { ok, problem, warning } from '../../../src/operate/doctor/judgement.ts';
import { countLines, exitCodeFor } from '../../../src/operate/doctor/run-doctor.ts';
import { examine, type Section } from '../../../src/operate/doctor/section.ts';
import { PipelineError } from '../../../src/platform/errors.ts';

test.each([
  ['in the middle of the call', { from: 1050, to: 1050, before: 1000, after: 1100 }, 0],
  ['ahead by more than the call took', { from: 5100, to: 5100, before: 1000, after: 1100 }, 4000],
  ['behind', { from: 400, to: 400, before: 1000, after: 1100 }, -600],
  ['in whole seconds', { from: 1000, to: 1999, before: 1900, after: 1950 }, 0],
  ['in whole seconds, behind', { from: 1000, to: 1999, before: 4999, after: 5100 }, -3000],
])('a clock %s', (_what, reading, skew) => {
  expect(clockSkew(reading)).toBe(skew);
});

test.each([
  [0, 1_000, 'ok'],
  [-1_000, 1_000, 'ok'],
  [1_001, 1_000, 'warning'],
  [-1_900, 2_000, 'ok'],
  [-30_000, 1_000, 'warning'],
  [30_001, 1_000, 'problem'],
] as const)('a skew of %i ms where %i ms are agreement: %s', (skew, limit, verdict) => {
  expect(judgeSkew(skew, limit).verdict).toBe(verdict);
});

test('sizes, times and lists in words', () => {
  expect([0, 1023, 1536, 12 * 1024, 4 * 1024 ** 3].map(bytesInWords)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.5 kB',
    '12 kB',
    '4.0 GB',
  ]);
  expect([0.2, 61, 600, 8_000, 200_000].map(secondsInWords)).toEqual([
    '200 ms',
    '61 s',
    '10 min',
    '2 h',
    '2 days',
  ]);
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

const section: Section<string> = {
  title: 'A part',
  reach: () => Promise.resolve('part'),
  remedy: 'Start it.',
  checks: [
    { name: 'first', look: (part) => [ok(`it is the ${part}`)] },
    { name: 'second', look: () => [warning('It could be better.', 'Make it better.')] },
  ],
};
const broken: Section<string> = {
  ...section,
  reach: () =>
    Promise.reject(new PipelineError('kafka_unreachable', 'Nobody answers.', { remedy: 'Start Kafka.' })),
};

test('a part that is not reached is one problem, and the rest is skipped', async () => {
  expect(await examine(broken)).toEqual({
    title: 'A part',
    lines: [
      {
        check: 'reachable',
        verdict: 'problem',
        sentence: 'Nobody answers.',
        remedy: 'Start Kafka.',
        unreachable: true,
      },
      { check: 'first', verdict: 'skipped', sentence: 'not reached', remedy: undefined },
      { check: 'second', verdict: 'skipped', sentence: 'not reached', remedy: undefined },
    ],
  });
});

test('a check that fails is a line, and the next ones go on', async () => {
  const failing = (error: Error): Section<string> => ({
    ...section,
    checks: [{ name: 'bad', look: () => Promise.reject(error) }, ...section.checks],
  });
  const refused = Object.assign(new Error('permission denied for table a'), { code: '42501' });
  expect((await examine(failing(refused))).lines).toMatchObject([
    { check: 'bad', verdict: 'problem', sentence: 'could not be looked at: permission denied for table a' },
    { check: 'first', verdict: 'ok' },
    { check: 'second', verdict: 'warning' },
  ]);
  const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect((await examine(failing(gone))).lines[0]).toMatchObject({ unreachable: true, remedy: 'Start it.' });
});

test('exit codes: a problem 1, a warning only when strict, out of reach 3', async () => {
  const counts = countLines([await examine(section)]);
  expect(counts).toEqual({ ok: 1, warning: 1, problem: 0, skipped: 0, unreachable: 0 });
  expect(exitCodeFor(counts, false)).toBe(0);
  expect(exitCodeFor(counts, true)).toBe(1);
  expect(exitCodeFor({ ...counts, problem: 1 }, false)).toBe(1);
  expect(exitCodeFor(countLines([await examine(section), await examine(broken)]), false)).toBe(3);
});

test('in a pipe: words, one line a finding, and a summary', async () => {
  const text = renderDoctor([await examine(section), await examine(broken)], {
    symbols: false,
    columns: Infinity,
  });
  expect(text).toBe(`A part
  ok       first          it is the part
  warning  second         It could be better.
                          → Make it better.

A part
  problem  reachable      Nobody answers.
                          → Start Kafka.
  skipped  not looked at  first, second

1 problem, 1 warning, 1 ok, 2 not looked at.`);
});

test('on a terminal: symbols, no word over the edge, a check named once', () => {
  const long =
    'It is wrong in so many words that they do not fit into one line of a terminal of a usual width.';
  const text = renderDoctor(
    [
      {
        title: 'A part',
        lines: [
          { check: 'rights', ...problem(long, 'Mend it.') },
          { check: 'rights', ...ok('good') },
        ],
      },
    ],
    { symbols: true, columns: 80 },
  );
  const lines = text.split('\n');
  expect(lines[1]).toMatch(/✗.+rights {2}It is wrong/);
  for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(80);
  expect(text.match(/rights/g)).toHaveLength(1);
  expect(text).toContain('1 problem, 0 warnings, 1 ok.');
});

test('wrapping keeps a long word whole', () => {
  expect(wrapped('see http://127.0.0.1:18083/connectors now', 10)).toEqual([
    'see',
    'http://127.0.0.1:18083/connectors',
    'now',
  ]);
});
