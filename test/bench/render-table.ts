import Table from 'cli-table3';
import type { Spread } from './statistics.ts';

/** Without colours, so that it can be pasted; the first column is text, all others are numbers. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

export const spreadCells = ({ median, min, max }: Spread, digits = 0): string[] =>
  [median, min, max].map((value) => formatNumber(value, digits));

/** The median, and behind it the least and the most where they differ. */
export function spreadText({ median, min, max }: Spread, digits = 0): string {
  const text = formatNumber(median, digits);
  return min === max ? text : `${text} (${formatNumber(min, digits)}–${formatNumber(max, digits)})`;
}

export const formatNumber = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
