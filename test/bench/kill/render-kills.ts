import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable } from '../render-table.ts';
import type { KilledArm, KillOptions } from './kill-arm.ts';

export interface KillReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: KillOptions;
  readonly arms: readonly KilledArm[];
}

export function renderKills({ machine, options, arms }: KillReport): string {
  return [
    `The order service killed (kill -9) ${options.kills} times under ${options.rate} orders/s, seed ${options.seed}`,
    machineLine(machine),
    renderTable(
      ['arm', 'sent', 'acknowledged', 'orders stored', 'of them without an event', 'events without an order'],
      arms.map(({ arm, ...counts }) => [
        arm,
        ...[counts.sent, counts.acknowledged, counts.stored, counts.lost, counts.invented].map((count) =>
          formatNumber(count),
        ),
      ]),
    ),
  ].join('\n');
}
