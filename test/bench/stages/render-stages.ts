import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable, spreadText } from '../render-table.ts';
import { renderBarChart } from '../report/bar-chart.ts';
import type { StageOptions } from './stage.ts';
import { stages, wayOfAnOrder } from './stages.ts';
import { limitOfAll, summariseStages } from './summarise-stages.ts';
import type { StageRun, StageSummary } from './summarise-stages.ts';

export interface StagesReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: StageOptions & { readonly repeats: number };
  readonly runs: readonly StageRun[];
}

/** A part that a stage does not use costs next to nothing, or is not there. */
const PARTS = ['load generator', 'orders', 'postgres', 'connect', 'kafka', 'consumer', 'inventory'];

export function renderStages({ machine, options, runs }: StagesReport): string {
  const { orders, seconds, repeats, seed } = options;
  const rows = inOrder(runs, machine.cores);
  return [
    `Each stage alone on the machine: ${seconds} s of requests, or ${formatNumber(orders)} orders to work off; ` +
      `${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, seed ${seed}. An event is a request or an order. Median (least to most)`,
    ...stages
      .filter(({ name }) => rows.some(({ stage }) => stage === name))
      .map(({ name, describes }) => `  ${name}: ${describes}`),
    machineLine(machine),
    renderTable(
      ['stage', 'events/s', 'cores allow', 'one thread allows', 'busy elsewhere'],
      rows.map(limitRow),
    ),
    'CPU µs an event, by process; all is what the cores have to carry',
    renderTable(['stage', ...PARTS, 'all'], rows.map(costRow)),
    `Cores allow: ${machine.cores} cores x 0.9 / CPU of an event. One thread allows: 1 / CPU of an event in the busiest process with one thread`,
    ...wholeWay(rows, machine.cores),
  ].join('\n');
}

export const stagesChart = ({ machine, runs }: StagesReport): string =>
  renderBarChart({
    title: 'What an event costs in each stage',
    unit: 'CPU µs',
    parts: PARTS,
    bars: inOrder(runs, machine.cores).map(({ stage, costs = {} }) => ({
      name: stage,
      values: Object.fromEntries(Object.entries(costs).map(([part, seconds]) => [part, seconds * 1e6])),
    })),
  });

function inOrder(runs: readonly StageRun[], cores: number): StageSummary[] {
  const found = summariseStages(runs, cores);
  return stages.flatMap(({ name }) => found.filter(({ stage }) => stage === name));
}

function limitRow({ stage, perSecond, limit, busyElsewhere }: StageSummary): string[] {
  return [
    stage,
    spreadText(perSecond),
    limit === undefined ? '–' : formatNumber(limit.byCores),
    limit === undefined || !Number.isFinite(limit.bySlowest)
      ? '–'
      : `${formatNumber(limit.bySlowest)} (${limit.slowest})`,
    busyElsewhere === undefined ? '–' : spreadText(busyElsewhere, 2),
  ];
}

function costRow({ stage, costs, limit }: StageSummary): string[] {
  return [
    stage,
    ...PARTS.map((name) => {
      const seconds = costs?.[name];
      return seconds === undefined ? '–' : formatNumber(seconds * 1e6);
    }),
    limit === undefined ? '–' : formatNumber(limit.cpuPerOrder * 1e6),
  ];
}

/** What all of them at once can do, where each was measured. */
function wholeWay(rows: readonly StageSummary[], cores: number): string[] {
  const limit = limitOfAll(rows, wayOfAnOrder, cores);
  if (limit === undefined) return [];
  return [
    `${wayOfAnOrder.join(' + ')} for each order on the same ${cores} cores: ${formatNumber(limit.cpuPerOrder * 1e6)} µs, so computed ${formatNumber(limit.limit)} orders/s at most, ` +
      `the cores allowing ${formatNumber(limit.byCores)} and one thread ${formatNumber(limit.bySlowest)} (${limit.slowest}). ` +
      'From the request to the stock: the answer’s way back to the order comes on top, and portions that are smaller than a backlog’s cost more',
  ];
}
