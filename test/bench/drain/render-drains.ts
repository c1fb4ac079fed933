import { arms } from '../compare/arms/arms.ts';
import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable, spreadText } from '../render-table.ts';
import { spreadOf } from '../statistics.ts';
import type { Drain } from './measure-drain.ts';

export interface DrainReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: { readonly seed: number };
  readonly drains: readonly Drain[];
}

export function renderDrains({ machine, options, drains }: DrainReport): string {
  const inOrder = drains.toSorted((a, b) => a.orders - b.orders || armIndex(a) - armIndex(b));
  const groups = [...Map.groupBy(inOrder, ({ arm, orders }) => `${arm} ${orders}`).values()];
  const cell = (runs: readonly Drain[], value: (drain: Drain) => number, digits = 0): string =>
    spreadText(spreadOf(runs.map(value)), digits);
  const cpu = ({ cpuMicros }: Drain): number =>
    Object.values(cpuMicros ?? {}).reduce((sum, micros) => sum + micros, 0);
  return [
    `Orders taken in bulk while the relay was stopped, then drained; seed ${options.seed}. Median (least to most) of the runs`,
    machineLine(machine),
    renderTable(
      [
        'arm',
        'orders',
        'runs',
        'bulk orders/s',
        'events/s into Kafka',
        'applied/s',
        's until applied',
        'CPU µs an order',
      ],
      groups.map((runs) => [
        runs[0]?.arm ?? '',
        formatNumber(runs[0]?.orders ?? 0),
        String(runs.length),
        cell(runs, (drain) => drain.bulkPerSecond),
        cell(runs, (drain) => drain.eventsPerSecond),
        cell(runs, (drain) => drain.appliedPerSecond),
        cell(runs, (drain) => drain.seconds, 1),
        cell(runs, cpu),
      ]),
    ),
  ].join('\n');
}

const armIndex = ({ arm }: Drain): number => arms.findIndex(({ name }) => name === arm);
