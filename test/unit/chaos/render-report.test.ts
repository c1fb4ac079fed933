import { invariantNames } from '../../chaos/invariant-lines.ts';
import { meanings } from '../../chaos/meanings.ts';
import { renderReport } from '../../chaos/render-report.ts';
import type { StrikeResult } from '../../chaos/run-storm.ts';
import type { StormResult } from '../../chaos/storm-command.ts';

const result: StormResult = {
  seed: 1,
  again: 'npm run test:chaos -- --seed 1',
  machine: {
    ...{ cpu: 'a processor', cores: 2, memoryGiB: 24, system: 'Linux' },
    ...{ node: '24', postgres: '18', kafka: '4', debezium: '3' },
  },
  faultNames: [],
  strikes: [],
  stormSeconds: 60,
  load: { orders: 1, cancels: 2, returns: 3, repeated: 4, retries: 5 },
  rest: { seconds: 6, healed: 'nothing', republished: 0 },
  checks: { undecided: [], events: 7, records: 8, replayed: 9 },
  planted: 0,
  violations: [],
};

const linesOf = (changes: Partial<StormResult>): string[] =>
  renderReport({ ...result, ...changes }).split('\n');

/** The cells of the row that begins so. */
const rowOf = (lines: readonly string[], name: string): string[] =>
  lines
    .filter((line) => line.startsWith(`| ${name} |`))
    .flatMap((line) => line.split('|').slice(2, -1))
    .map((cell) => cell.trim());

const strike = (fault: string, kind: StrikeResult['kind'], seconds: number): StrikeResult => ({
  ...{ number: 1, fault, kind, seconds, outcome: 'what was seen' },
});

test('skipped strikes have a column of their own, and are no faults', () => {
  const lines = linesOf({
    strikes: [
      strike('kill-orders', 'mended', 2),
      strike('kill-orders', 'failed', 3),
      strike('disk-full-kafka', 'skipped', 40),
      strike('duplicates', 'skipped', 1),
      strike('duplicates', 'mended', 0.5),
    ],
  });
  expect(rowOf(lines, 'faults')).toEqual(['3']);
  expect(rowOf(lines, 'strikes skipped: nothing to spoil, or no means to')).toEqual(['2']);
  expect(rowOf(lines, 'fault').slice(0, 4)).toEqual([
    'times',
    'skipped',
    'not made good',
    'seconds, longest',
  ]);
  expect(rowOf(lines, 'kill-orders').slice(0, 4)).toEqual(['2', '0', '1', '3']);
  expect(rowOf(lines, 'disk-full-kafka').slice(0, 4)).toEqual(['0', '1', '0', '-']);
  expect(rowOf(lines, 'duplicates').slice(0, 4)).toEqual(['1', '1', '0', '0.5']);
  expect(rowOf(lines, 'kill-sales')).toEqual([]);
});

const all = invariantNames;

/** What a storm may do without anything being lost, done twice or reordered. */
const OTHER = [
  'comes-to-rest',
  'fault-mended',
  'lag-zero',
  'log-bounded',
  'no-internal-error',
  'no-unhandled-rejection',
  'restart-unseen',
  'slot-active',
];

test('each invariant counts as lost, twice or reordered, but those of which it is known that they do not', () => {
  expect(Object.keys(meanings).sort()).toEqual([...all].sort());
  expect(all.filter((name) => meanings[name].length === 0).sort()).toEqual(OTHER);
});

test.each(all)('a violation of %s is in the rows of what it may mean, and in no other', (invariant) => {
  const lines = linesOf({ violations: [{ invariant, detail: 'planted' }] });
  const headline = { lost: '**lost**', twice: '**applied twice**', reordered: '**reordered**' };
  const counted = (['lost', 'twice', 'reordered'] as const).filter(
    (meaning) => rowOf(lines, headline[meaning])[0] === '1',
  );
  expect(counted).toEqual(meanings[invariant]);
  expect(rowOf(lines, invariant)[0]).toBe('1');
});
