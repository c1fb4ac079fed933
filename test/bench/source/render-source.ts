import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable, spreadText } from '../render-table.ts';
import type { Spread } from '../statistics.ts';
import { CLIENTS } from './measure-source.ts';
import type { SourceOptions, SourceRun } from './measure-source.ts';
import { sourceWays } from './source-ways.ts';
import { lossPercent, summariseSource } from './summarise-source.ts';
import type { SourceSummary } from './summarise-source.ts';

export interface SourceReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: SourceOptions & { readonly repeats: number };
  readonly runs: readonly SourceRun[];
}

export function renderSource({ machine, options, runs }: SourceReport): string {
  const { clients, seconds, warmUpSeconds, repeats, seed } = options;
  const found = new Map(summariseSource(runs).map((summary) => [summary.way, summary]));
  const rows = sourceWays.flatMap(({ name }) => found.get(name) ?? []);
  return [
    `Orders of two lines that ${clients} connections of one process commit, each its next as soon as the last is committed: ${seconds} s after ` +
      `${warmUpSeconds} s of warm-up, ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, seed ${seed}. Median (least to most)`,
    ...sourceWays.map(({ name, describes }) => `  ${name}: ${describes}`),
    machineLine(machine),
    renderTable(
      [
        'way',
        'orders/s',
        'WAL bytes an order',
        'CPU µs an order: Postgres',
        'Connect',
        'Kafka',
        'clients',
        'not yet in Kafka at the end',
        'busy elsewhere',
      ],
      rows.map(sourceRow),
    ),
    ...rows.slice(1).map((row, i) => lossLine(row, rows[i])),
  ].join('\n');
}

function sourceRow({ way, perSecond, walBytesPerOrder, cpuMicros, behind, busyElsewhere }: SourceSummary) {
  const text = (spread: Spread | undefined, digits = 0): string =>
    spread === undefined ? '–' : spreadText(spread, digits);
  return [
    way,
    text(perSecond),
    text(walBytesPerOrder),
    ...['postgres', 'connect', 'kafka', CLIENTS].map((name) => text(cpuMicros[name])),
    text(behind),
    text(busyElsewhere, 2),
  ];
}

function lossLine(row: SourceSummary, before: SourceSummary | undefined): string {
  if (before === undefined) return '';
  const loss = lossPercent(row, before);
  const how = loss < 0 ? 'more' : 'fewer';
  return `${row.way} against ${before.way}: ${formatNumber(Math.abs(loss), 1)} % ${how} orders a second, by the medians`;
}
