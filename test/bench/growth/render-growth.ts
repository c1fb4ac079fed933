import { summariseWindows } from '../compare/summarise-windows.ts';
import type { ArmWindow } from '../compare/summarise-windows.ts';
import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable } from '../render-table.ts';

export interface GrowthOptions {
  readonly arms: readonly string[];
  readonly rows: readonly number[];
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface GrownWindow extends ArmWindow {
  /** Rows in the outbox before. */
  readonly retained: number;
}

export interface GrowthReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: GrowthOptions;
  readonly windows: readonly GrownWindow[];
}

export function renderGrowth({ machine, options, windows }: GrowthReport): string {
  return [
    `${options.rate} orders/s for ${options.seconds} s on an outbox that holds rows already published; one run each, seed ${options.seed}`,
    machineLine(machine),
    renderTable(
      [
        'arm',
        'rows before',
        'p50 ms',
        'p99 ms',
        'CPU s for 1,000',
        'of it Postgres',
        'WAL bytes an order',
        'busy elsewhere',
      ],
      windows.map(growthRow),
    ),
  ].join('\n');
}

function growthRow(window: GrownWindow): string[] {
  const [summary] = summariseWindows([window]);
  const number = (value: number | undefined, digits: number): string =>
    value === undefined ? '–' : formatNumber(value, digits);
  return [
    window.arm,
    formatNumber(window.retained),
    number(window.stages?.applied.p50, 1),
    number(window.stages?.applied.p99, 1),
    number(summary?.cpuTotal?.median, 2),
    number(summary?.cpuPerThousand['postgres']?.median, 2),
    number(summary?.walBytesPerOrder.median, 0),
    number(window.busyElsewhere, 2),
  ];
}
