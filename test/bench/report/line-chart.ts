import { formatNumber } from '../render-table.ts';
import type { Spread } from '../statistics.ts';
import { colourOf, round, svgPicture, svgText } from './svg-text.ts';

export interface LineChart {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  /** The places on the x axis, evenly apart. */
  readonly xs: readonly number[];
  /** By x; one that was not measured is left out. The median is drawn, the least and the most as a bar through it. */
  readonly lines: readonly { readonly name: string; readonly points: ReadonlyMap<number, Spread> }[];
}

const [WIDTH, HEIGHT] = [860, 420];
const plot = { left: 70, right: 600, top: 50, bottom: 360 };

/** As SVG, with a logarithmic y axis: arms lie factors apart. */
export function renderLineChart(chart: LineChart): string {
  const spreads = chart.lines.flatMap(({ points }) => [...points.values()]);
  const low = Math.floor(Math.log10(Math.max(1e-3, Math.min(...spreads.map(({ min }) => min), 1e9))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...spreads.map(({ max }) => max), 1e-3))));
  const step = (plot.right - plot.left) / Math.max(1, chart.xs.length - 1);
  const xOf = (x: number): number => plot.left + chart.xs.indexOf(x) * step;
  const yOf = (value: number): number =>
    plot.bottom - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (plot.bottom - plot.top);
  return svgPicture(WIDTH, HEIGHT, chart.title, [
    ...yAxis(low, high, yOf),
    ...chart.xs.map((x) => svgText(xOf(x), plot.bottom + 20, formatNumber(x), { anchor: 'middle' })),
    svgText((plot.left + plot.right) / 2, plot.bottom + 42, chart.xName, { anchor: 'middle' }),
    svgText(16, plot.top - 8, chart.yName),
    ...chart.lines.map((line, index) => renderLine(line, index, { xOf, yOf })),
  ]);
}

function yAxis(low: number, high: number, yOf: (value: number) => number): string[] {
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).flatMap((value) => [
    `<line x1="${plot.left}" x2="${plot.right}" y1="${round(yOf(value))}" y2="${round(yOf(value))}" stroke="#ddd"/>`,
    svgText(plot.left - 8, yOf(value) + 4, value.toLocaleString('en-GB'), { anchor: 'end' }),
  ]);
}

function renderLine(
  { name, points }: LineChart['lines'][number],
  index: number,
  { xOf, yOf }: { xOf: (x: number) => number; yOf: (value: number) => number },
): string {
  const colour = colourOf(index);
  const places = [...points].map(([x, spread]) => ({ x: round(xOf(x)), spread }));
  const path = places.map(({ x, spread }) => `${x},${round(yOf(spread.median))}`).join(' ');
  const marks = places.map(
    ({ x, spread }) =>
      `<line x1="${x}" x2="${x}" y1="${round(yOf(spread.min))}" y2="${round(yOf(spread.max))}" stroke="${colour}"/>` +
      `<circle cx="${x}" cy="${round(yOf(spread.median))}" r="4" fill="${colour}"/>`,
  );
  const y = plot.top + 10 + index * 22;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...marks,
    `<rect x="${plot.right + 24}" y="${y - 9}" width="12" height="12" fill="${colour}"/>`,
    svgText(plot.right + 42, y + 1, name),
  ].join('');
}
