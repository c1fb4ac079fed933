import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable } from '../render-table.ts';
import { renderBarChart } from '../report/bar-chart.ts';
import type { Idle } from './measure-idle.ts';

export interface IdleReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly seconds: number;
  readonly arms: readonly Idle[];
}

/** A part that an arm does not have is 0. */
const PARTS = [
  'postgres',
  'kafka',
  'connect',
  'registry',
  'orders',
  'inventory',
  'relay',
  'relay of inventory',
];

export function renderIdle({ machine, seconds, arms }: IdleReport): string {
  const sum = (values: Readonly<Record<string, number>>): number =>
    Object.values(values).reduce((total, value) => total + value, 0);
  return [
    `Nobody orders: share of one core over ${seconds} s, by process, and memory in MB. Idle parts of the stack that an arm does not need run too`,
    machineLine(machine),
    renderTable(
      ['arm', ...PARTS, 'all', 'memory MB'],
      arms.map(({ arm, cores, memory }) => [
        arm,
        ...PARTS.map((part) => formatNumber(cores[part] ?? 0, 3)),
        formatNumber(sum(cores), 3),
        formatNumber(sum(memory)),
      ]),
    ),
  ].join('\n');
}

export const idleChart = ({ arms }: IdleReport): string =>
  renderBarChart({
    title: 'Nobody orders',
    unit: 'cores',
    parts: PARTS.filter((part) => arms.some(({ cores }) => (cores[part] ?? 0) > 0)),
    bars: arms.map(({ arm, cores }) => ({ name: arm, values: cores })),
  });
