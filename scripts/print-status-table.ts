import type { StatusRow } from '../src/connect/connector-status.ts';

/** The rows as aligned columns, one string a line; failed parts are red on a terminal. */
export function statusLines(
  rows: readonly (StatusRow & { readonly done?: string })[],
  color: boolean,
): string[] {
  const cells = rows.map((row) => [row.connector, row.part, row.state, row.worker, row.done ?? '']);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  return rows.flatMap((row, index) => {
    const line = (cells[index] ?? [])
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    const painted = color ? paint(row.state, line) : line;
    return row.problem === undefined ? [painted] : [painted, `    ${row.problem}`];
  });
}

export function printStatusTable(rows: readonly (StatusRow & { readonly done?: string })[]): void {
  for (const line of statusLines(rows, process.stdout.isTTY)) console.log(line);
}

function paint(state: string, line: string): string {
  const red = state === 'FAILED' || state === 'MISSING';
  const code = state === 'RUNNING' ? 32 : red ? 31 : 33;
  return `\u001b[${code}m${line}\u001b[0m`;
}
