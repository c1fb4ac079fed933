import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable } from '../render-table.ts';
import type { Spread } from '../statistics.ts';
import type { CompareOptions } from './compare-options.ts';
import type { ArmWindow, RateSummary } from './summarise-windows.ts';

export interface Comparison {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: CompareOptions;
  readonly windows: readonly ArmWindow[];
  readonly summary: readonly RateSummary[];
  /** Arms that ended in an error, once for each repeat. */
  readonly failed: readonly string[];
}

/** The tables as text, for a terminal and, in a block of code, for the report. */
export function renderComparison({ machine, options, summary }: Comparison): string {
  return [headLine(options), machineLine(machine), ...tablesOf(summary)].join('\n');
}

export function headLine(options: CompareOptions): string {
  const { seconds, warmUpSeconds, repeats, customers, skus, seed } = options;
  return (
    `${seconds} s at each rate after ${warmUpSeconds} s of warm-up, ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}; Poisson arrivals, orders of two lines, ` +
    `${formatNumber(customers)} customers, ${formatNumber(skus)} skus, seed ${seed}`
  );
}

export function tablesOf(summary: readonly RateSummary[]): string[] {
  return [
    ...disturbances(summary),
    'Milliseconds from the intended send to the stock’s commit: median of the repeats (min to max)',
    renderTable(['arm', 'orders/s', 'p50', 'p90', 'p99', 'p99.9', 'max', 'lost'], summary.map(latencyRow)),
    'Where they go: p50 and p99 of each stage in ms, medians of the repeats. The first and the last two run from the intended send',
    renderTable(
      ['arm', 'orders/s', 'HTTP answer', 'answer to Kafka', 'Kafka to applied', 'applied', 'settled'],
      summary.map(stageRow),
    ),
    'What it costs: CPU seconds for 1,000 orders, log bytes an order, memory at the end in MB, all without the load generator; cores that something else kept busy',
    renderTable(
      [
        'arm',
        'orders/s',
        'CPU s',
        'of it Postgres',
        'orders',
        'inventory',
        'relay',
        'Kafka',
        'WAL bytes',
        'memory MB',
        'busy elsewhere',
      ],
      summary.map(costRow),
    ),
  ];
}

/** More than this share of a core, and figures tell of the machine rather than of the arms. */
const DISTURBED_CORES = 0.2;

function disturbances(summary: readonly RateSummary[]): string[] {
  const disturbed = summary.filter(({ busyElsewhere }) => (busyElsewhere?.max ?? 0) > DISTURBED_CORES);
  if (disturbed.length === 0) return [];
  const most = Math.max(...disturbed.map(({ busyElsewhere }) => busyElsewhere?.max ?? 0));
  return [
    `Not alone on the machine: up to ${formatNumber(most, 1)} cores were busy with something else, in ${disturbed.length} of ${summary.length} rows. Do not rely on these figures.`,
  ];
}

const start = ({ arm, rate }: RateSummary): string[] => [arm, formatNumber(rate)];

function latencyRow(row: RateSummary): string[] {
  const applied = row.stages?.applied;
  if (applied === undefined)
    return [...start(row), `fell behind in ${row.fellBehind} of ${row.runs}`, '', '', '', '', ''];
  return [
    ...start(row),
    ...(['p50', 'p90', 'p99', 'p999', 'max'] as const).map((name) => spreadText(applied[name])),
    row.lost === 0 ? '0' : `${formatNumber(row.lost)} of ${formatNumber(row.accepted)}`,
  ];
}

function stageRow(row: RateSummary): string[] {
  const { stages } = row;
  const stage = (name: keyof NonNullable<RateSummary['stages']>): string => {
    const spreads = stages?.[name];
    return spreads === undefined ? '–' : `${number(spreads.p50.median)} / ${number(spreads.p99.median)}`;
  };
  return [
    ...start(row),
    ...(['answered', 'answerToKafka', 'kafkaToApplied', 'applied', 'settled'] as const).map(stage),
  ];
}

/** What moves the events: the polling process or Kafka Connect, whichever the arm has. */
export function relayCost({ cpuPerThousand }: RateSummary): Spread | undefined {
  return cpuPerThousand['relay'] ?? cpuPerThousand['connect'];
}

function costRow(row: RateSummary): string[] {
  const cpu = (spread: Spread | undefined): string =>
    spread === undefined ? '–' : formatNumber(spread.median, 2);
  const { cpuPerThousand, memory } = row;
  const megabytes = Object.values(memory).reduce((sum, spread) => sum + spread.median, 0);
  return [
    ...start(row),
    cpu(row.cpuTotal),
    cpu(cpuPerThousand['postgres']),
    cpu(cpuPerThousand['orders']),
    cpu(cpuPerThousand['inventory']),
    cpu(relayCost(row)),
    cpu(cpuPerThousand['kafka']),
    formatNumber(row.walBytesPerOrder.median),
    megabytes === 0 ? '–' : formatNumber(megabytes),
    cpu(row.busyElsewhere),
  ];
}

const number = (value: number): string => formatNumber(value, Math.abs(value) < 100 ? 1 : 0);

const spreadText = ({ median, min, max }: Spread): string =>
  min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
