import { arms } from '../compare/arms/arms.ts';
import { computedLimit } from '../compare/computed-limit.ts';
import { headLine, tablesOf } from '../compare/render-comparison.ts';
import type { Comparison } from '../compare/render-comparison.ts';
import type { RateSummary } from '../compare/summarise-windows.ts';
import { machineLine } from '../describe-machine.ts';
import type { Percentiles } from '../percentiles.ts';
import type { Spread } from '../statistics.ts';
import { formatNumber, renderTable } from '../render-table.ts';
import { renderBarChart } from './bar-chart.ts';
import { renderLineChart } from './line-chart.ts';

export interface Section {
  readonly markdown: string;
  /** Pictures that the text shows, by file name. */
  readonly plots: Readonly<Record<string, string>>;
}

/** What a comparison says in the report: how it was taken, plots, and the tables as they stood in the terminal. */
export function comparisonSection(comparison: Comparison, name: string): Section {
  const { machine, options, summary, takenAt } = comparison;
  const costRate = rateOfCosts(summary);
  const plots = {
    [`${name}-p50.svg`]: latencyChart(summary, 'p50', 'Half of the orders: send to stock committed'),
    [`${name}-p99.svg`]: latencyChart(summary, 'p99', '99 of 100 orders: send to stock committed'),
    [`${name}-cpu.svg`]: cpuChart(summary, costRate),
  };
  const markdown = [
    `Taken ${takenAt.slice(0, 10)}. ${machineLine(machine)}.\n${headLine(options)}.`,
    '',
    ...usedArms(summary),
    '',
    ...Object.keys(plots).map((file) => `![${file}](plots/${file})\n`),
    '```',
    ...tablesOf(summary),
    limitTable(comparison),
    '```',
  ].join('\n');
  return { markdown, plots };
}

/** What each arm could do if each order cost what it cost at the highest rate that it held. */
function limitTable({ machine, windows, summary }: Comparison): string {
  const names = [...new Set(summary.map(({ arm }) => arm))];
  const limits = names.flatMap(
    (name) =>
      computedLimit(
        windows.filter(({ arm }) => arm === name),
        machine.cores,
      ) ?? [],
  );
  return [
    `Computed limit in orders/s: ${machine.cores} cores x 0.9 / CPU of an order with the load generator, or 1 / CPU of an order in the busiest process with one thread`,
    renderTable(
      ['arm', 'costs of orders/s', 'CPU µs an order', 'cores allow', 'one thread allows', 'limit'],
      limits.map((limit) => [
        limit.arm,
        formatNumber(limit.rate),
        formatNumber(limit.cpuPerOrder * 1e6),
        formatNumber(limit.byCores),
        `${formatNumber(limit.bySlowest)} (${limit.slowest})`,
        formatNumber(limit.limit),
      ]),
    ),
  ].join('\n');
}

function usedArms(summary: readonly RateSummary[]): string[] {
  const names = new Set(summary.map(({ arm }) => arm));
  return arms.filter((arm) => names.has(arm.name)).map((arm) => `- \`${arm.name}\`: ${arm.describes}.`);
}

function latencyChart(summary: readonly RateSummary[], percentile: keyof Percentiles, title: string): string {
  const names = [...new Set(summary.map(({ arm }) => arm))];
  const points = (name: string): Map<number, Spread> =>
    new Map(
      summary.flatMap((row) => {
        const spread = row.arm === name ? row.stages?.applied?.[percentile] : undefined;
        return spread === undefined ? [] : [[row.rate, spread] as const];
      }),
    );
  return renderLineChart({
    title,
    xName: 'orders a second, open loop',
    yName: 'ms',
    xs: [...new Set(summary.map(({ rate }) => rate))].toSorted((a, b) => a - b),
    lines: names.map((name) => ({ name, points: points(name) })),
  });
}

/** The highest that most arms hold: what an order costs there is not what idling costs. */
function rateOfCosts(summary: readonly RateSummary[]): number {
  const held = summary.filter(({ stages }) => stages !== undefined).map(({ rate }) => rate);
  const most = Math.max(...[...Map.groupBy(held, (rate) => rate).values()].map((rates) => rates.length));
  return Math.max(...held.filter((rate) => held.filter((other) => other === rate).length === most));
}

function cpuChart(summary: readonly RateSummary[], rate: number): string {
  const rows = summary.filter((row) => row.rate === rate && row.stages !== undefined);
  const values = (row: RateSummary): Record<string, number> =>
    Object.fromEntries(Object.entries(row.cpuPerThousand).map(([name, spread]) => [name, spread.median]));
  return renderBarChart({
    title: `What 1,000 orders cost at ${rate} orders/s`,
    unit: 'CPU seconds',
    parts: [...new Set(rows.flatMap((row) => Object.keys(row.cpuPerThousand)))],
    bars: rows.map((row) => ({ name: row.arm, values: values(row) })),
  });
}
