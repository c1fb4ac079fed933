import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable, spreadCells } from '../render-table.ts';
import type { ApplyOptions } from './apply-options.ts';
import type { ApplyRun } from './measure-run.ts';
import type { ApplySummary } from './summarise.ts';

export interface ApplyReport {
  readonly machine: Machine;
  readonly options: ApplyOptions;
  readonly runs: readonly ApplyRun[];
  readonly summary: ApplySummary;
}

export function renderReport({ machine, options, summary }: ApplyReport): string {
  const { orders, customers, skus, seed, repeats, streaming } = options;
  return [
    `apply: ${formatNumber(orders)} orders of two lines in 4 partitions, ${formatNumber(customers)} customers, ${formatNumber(skus)} skus, seed ${seed}; ` +
      `answers ${streaming ? 'streamed by Debezium meanwhile' : 'not streamed meanwhile'}; ${repeats} runs after one to warm up`,
    machineLine(machine),
    renderTable(
      ['', 'median', 'min', 'max'],
      [
        ['orders applied a second', ...spreadCells(summary.ordersPerSecond)],
        ['seconds, first commit to last', ...spreadCells(summary.seconds, 1)],
        ['batches (transactions)', ...spreadCells(summary.batches)],
        ['orders a batch', ...spreadCells(summary.ordersPerBatch)],
        ['round trips a batch', ...spreadCells(summary.roundTripsPerBatch, 1)],
        ['statements a batch', ...spreadCells(summary.statementsPerBatch, 1)],
        ...Object.entries(summary.cpuMicrosPerOrder).map(([name, spread]) => [
          `CPU µs an order: ${name}`,
          ...spreadCells(spread, 1),
        ]),
        ['cores busy with anything else', ...spreadCells(summary.busyElsewhere, 2)],
      ],
    ),
    renderTable(
      ['round trip of a batch', 'ms, median', 'min', 'max'],
      summary.roundTrips.map(({ name, ms }) => [shorten(name), ...spreadCells(ms, 1)]),
    ),
  ].join('\n');
}

const shorten = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}...` : text);
