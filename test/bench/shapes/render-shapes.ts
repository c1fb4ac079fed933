import { summariseWindows } from '../compare/summarise-windows.ts';
import type { ArmWindow } from '../compare/summarise-windows.ts';
import type { Machine } from '../describe-machine.ts';
import { machineLine } from '../describe-machine.ts';
import { formatNumber, renderTable, spreadText } from '../render-table.ts';
import type { Spread } from '../statistics.ts';
import { loadShapes } from './load-shapes.ts';
import type { ShapeOptions } from './measure-shape.ts';

export interface ShapedWindow extends ArmWindow {
  readonly shape: string;
  /** Of an order of this shape. */
  readonly lines: number;
  /** Bytes of its event in the outbox, on average. */
  readonly payloadBytes: number;
}

export interface ShapesReport {
  readonly machine: Machine;
  readonly takenAt: string;
  readonly options: ShapeOptions & { readonly repeats: number };
  readonly windows: readonly ShapedWindow[];
}

export function renderShapes({ machine, options, windows }: ShapesReport): string {
  const { rate, seconds, warmUpSeconds, repeats, seed } = options;
  const taken = new Set(windows.map(({ shape }) => shape));
  return [
    `${formatNumber(rate)} orders/s for ${seconds} s after ${warmUpSeconds} s of warm-up, ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, ` +
      `seed ${seed}. Milliseconds from the intended send to the stock’s commit; CPU without the load generator`,
    ...loadShapes
      .filter(({ name }) => taken.has(name))
      .map(({ name, describes }) => `  ${name}: ${describes}`),
    'Only skus and lines can make a payload grow (the reference is in no event), so a larger one has more lines, too: compare payload-10k with lines-100 and lines-10',
    machineLine(machine),
    renderTable(
      [
        'variant',
        'arm',
        'lines',
        'payload bytes',
        'p50 ms',
        'p99 ms',
        'CPU ms an order',
        'WAL bytes an order',
        'refused',
        'lost',
        'busy elsewhere',
      ],
      inOrder(windows).map(shapeRow),
    ),
  ].join('\n');
}

/** All repeats of an arm with a shape together: shapes in the order of their list, each with its arms. */
function inOrder(windows: readonly ShapedWindow[]): ShapedWindow[][] {
  return loadShapes.flatMap(({ name }) => {
    const ofShape = windows.filter(({ shape }) => shape === name);
    return [...Map.groupBy(ofShape, ({ arm }) => arm).values()];
  });
}

function shapeRow(runs: readonly ShapedWindow[]): string[] {
  const [first] = runs;
  const [summary] = summariseWindows(runs);
  if (first === undefined || summary === undefined) return [];
  const { stages, fellBehind, lost, accepted } = summary;
  const applied = runs.reduce((sum, run) => sum + run.applied, 0);
  const refused = runs.reduce((sum, run) => sum + run.refused, 0);
  // What was used until time was up is not what the orders cost.
  const cost = (spread: Spread | undefined, digits: number): string =>
    spread === undefined || fellBehind > 0 ? '–' : spreadText(spread, digits);
  return [
    first.shape,
    first.arm,
    formatNumber(first.lines),
    formatNumber(first.payloadBytes),
    ...(stages?.applied === undefined
      ? ['fell behind', `${formatNumber(applied)} of ${formatNumber(accepted)} applied`]
      : [spreadText(stages.applied.p50, 1), spreadText(stages.applied.p99, 1)]),
    cost(summary.cpuTotal, 2),
    cost(summary.walBytesPerOrder, 0),
    formatNumber(refused),
    formatNumber(lost),
    summary.busyElsewhere === undefined ? '–' : spreadText(summary.busyElsewhere, 2),
  ];
}
