import { styleText } from 'node:util';
import type { Progress } from '../../consumer/rebuild/catch-up.ts';
import type { Comparison } from '../../consumer/rebuild/compare-at-one-moment.ts';
import type { DifferenceSum, RowDifference } from '../../consumer/rebuild/compare-states.ts';
import type { Cases } from '../../consumer/rebuild/read-cases.ts';
import { durationText } from '../quantities.ts';

const number = (value: number): string => Math.round(value).toLocaleString('en-US');
const count = (value: number, what: string): string => `${number(value)} ${what}${value === 1 ? '' : 's'}`;

/** `12,000 of 40,000 records, 9,800/s, 2 s left` */
export function progressLine({ done, total, perSecond, msLeft }: Progress): string {
  const rate = perSecond === undefined ? [] : [`${number(perSecond)}/s`];
  const left = done >= total ? ['caught up'] : msLeft === undefined ? [] : [`${durationText(msLeft)} left`];
  return [`${number(done)} of ${count(total, 'record')}`, ...rate, ...left].join(', ');
}

/** Summed up by kind, then row by row. `other`: what the state that is not live is called. */
export function differenceLines(comparison: Comparison, other: string): string[] {
  const { sums, rows, incomplete, broken } = comparison;
  const all = sums.length === 0;
  return [
    ...(all
      ? [styleText('green', `Live and ${other} are the same, row by row.`)]
      : [`Live and ${other} differ:`, ...sums.map((sum) => `  ${sumLine(sum, other)}`), '']),
    ...rows.map((row) => `  ${rowLine(row, other)}`),
    ...(shownOf(sums) > rows.length ? [`  and more; --rows shows them`] : []),
    ...broken.map((sentence) => styleText('red', `A swap is refused while ${sentence}`)),
    ...(incomplete.keys > 0
      ? [
          styleText(
            'red',
            `A swap is refused: the first events of ${count(incomplete.keys, 'key')} were not there.`,
          ),
        ]
      : []),
    ...(incomplete.events > 0
      ? [
          styleText(
            'red',
            `A swap is refused: what became of ${count(incomplete.events, 'event')} is not known.`,
          ),
        ]
      : []),
  ];
}

/** At least so many rows differ: columns of one row are summed up each. */
function shownOf(sums: readonly DifferenceSum[]): number {
  const byTable = Map.groupBy(sums, ({ table, kind }) => `${table} ${kind}`);
  return [...byTable.values()].reduce((sum, kinds) => sum + Math.max(...kinds.map(({ rows }) => rows)), 0);
}

function sumLine({ table, kind, column, rows, sum }: DifferenceSum, other: string): string {
  if (kind !== 'differs')
    return `${table}: ${count(rows, 'row')} only ${kind === 'only live' ? 'live' : other}`;
  const inAll = sum === null ? '' : `, ${sum > 0 ? '+' : ''}${number(sum)} in all`;
  return `${table}.${column ?? ''}: ${count(rows, 'row')}${inAll}`;
}

function rowLine({ table, kind, key, live, rebuilt }: RowDifference, other: string): string {
  const name = `${table} ${Object.values(key).map(String).join(' ')}`;
  if (kind === 'only live') return `${name}: only live, ${JSON.stringify(live)}`;
  if (kind === 'only rebuilt') return `${name}: only ${other}, ${JSON.stringify(rebuilt)}`;
  const columns = Object.keys(live ?? {}).map(
    (column) => `${column} ${JSON.stringify(live?.[column])} -> ${JSON.stringify(rebuilt?.[column])}`,
  );
  return `${name}: ${columns.join(', ')}`;
}

/** What was said then and would not be said now. */
export function caseLines({ all, sums, first }: Cases): string[] {
  if (all === 0) return [];
  return [
    `${count(all, 'event')} would end otherwise now. What was recorded, and said to others, stays; put right by hand what must be:`,
    ...sums.map(({ type, recorded, events }) => `  ${type ?? '(unreadable)'} ${recorded}: ${number(events)}`),
    ...first.map(
      ({ eventId, type, key, recorded, now }) =>
        `  ${type ?? '(unreadable)'} ${eventId} of ${key}: ${recorded} then, ${now} now`,
    ),
    ...(all > first.length ? [`  and ${number(all - first.length)} more; --rows shows them`] : []),
  ];
}
