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
  const found = summariseSource(runs);
  const rows = (['shared', 'apart'] as const).flatMap((cores) =>
    sourceWays.flatMap(({ name }) => found.filter((one) => one.way === name && one.cores === cores)),
  );
  return [
    `Orders of two lines that ${clients} connections of one process commit, each its next as soon as the last is committed: ${seconds} s after ` +
      `${warmUpSeconds} s of warm-up, ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, seed ${seed}. Median (least to most)`,
    ...sourceWays.map(({ name, describes }) => `  ${name}: ${describes}`),
    '  shared: all of it on all cores; apart: Postgres and the clients on the first core, Connect, Kafka and the relay on the others',
    machineLine(machine),
    renderTable(
      [
        'cores',
        'way',
        'orders/s',
        'WAL bytes an order',
        'CPU µs an order: Postgres',
        'Connect',
        'Kafka',
        'relay',
        'clients',
        'not yet in Kafka at the end',
        'busy elsewhere',
      ],
      rows.map(sourceRow),
    ),
    ...rows.flatMap((row) => lossLines(row, rows)),
  ].join('\n');
}

function sourceRow({
  way,
  cores,
  perSecond,
  walBytesPerOrder,
  cpuMicros,
  behind,
  busyElsewhere,
}: SourceSummary) {
  const text = (spread: Spread | undefined, digits = 0): string =>
    spread === undefined ? '–' : spreadText(spread, digits);
  return [
    cores,
    way,
    text(perSecond),
    text(walBytesPerOrder),
    ...['postgres', 'connect', 'kafka', 'relay', CLIENTS].map((name) => text(cpuMicros[name])),
    text(behind),
    text(busyElsewhere, 2),
  ];
}

function lossLines(row: SourceSummary, rows: readonly SourceSummary[]): string[] {
  const against = sourceWays.find(({ name }) => name === row.way)?.against;
  const other = rows.find(({ way, cores }) => way === against && cores === row.cores);
  if (other === undefined) return [];
  const loss = lossPercent(row, other);
  const how = loss < 0 ? 'more' : 'fewer';
  return [
    `${row.cores}: ${row.way} against ${other.way}: ${formatNumber(Math.abs(loss), 1)} % ${how} orders a second, by the medians`,
  ];
}
