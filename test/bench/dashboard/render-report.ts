import { machineLine, type Machine } from '../describe-machine.ts';
import { formatNumber, renderTable } from '../render-table.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import type { Measurement } from './measure-dashboard.ts';
import type { PageThread } from './open-page.ts';

export interface DashboardReport {
  readonly machine: Machine;
  readonly options: DashboardOptions;
  /** As it calls itself; null when there was none, and so no page. */
  readonly browser: string | null;
  readonly idle: Measurement;
  readonly loaded: Measurement;
}

/** Those that somebody would ask after; what the JVMs and Postgres cost is of the pipeline, not of the dashboard. */
const processes = ['dashboard', 'browser', 'orders service', 'inventory service', 'sales service'];
const threadParts: readonly (keyof PageThread)[] = ['all', 'script', 'style', 'layout'];

export function renderReport({ machine, options, browser, idle, loaded }: DashboardReport): string {
  const both = [idle, loaded];
  const percentRow = (name: string, of: (one: Measurement) => number | undefined): string[] => [
    name,
    ...both.map((one) => percent(of(one))),
  ];
  return [
    `dashboard: its server${browser === null ? ' (no Chromium here, so no page)' : ` and one page in ${browser}`}, ` +
      `${options.seconds} s without orders, then ${options.seconds} s at ${formatNumber(options.rate)} events a second`,
    machineLine(machine),
    renderTable(
      ['% of a core', 'no orders', 'orders'],
      [
        ['events a second, seen', ...both.map((one) => formatNumber(one.eventsPerSecond))],
        ...processes
          .filter((name) => loaded.shares?.[name] !== undefined)
          .map((name) => percentRow(name, ({ shares }) => shares?.[name])),
        ...(browser === null
          ? []
          : threadParts.map((part) =>
              percentRow(
                part === 'all' ? "the page's own thread" : `  of it ${part}`,
                ({ page }) => page?.[part],
              ),
            )),
        percentRow('busy with anything else', ({ busyElsewhere }) => busyElsewhere),
      ],
    ),
  ].join('\n');
}

const percent = (share: number | undefined): string =>
  share === undefined ? 'unknown' : formatNumber(share * 100, 1);
