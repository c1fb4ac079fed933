import { formatNumber } from '../render-table.ts';
import { colourOf, round, svgPicture, svgText } from './svg-text.ts';

export interface BarChart {
  readonly title: string;
  readonly unit: string;
  /** What each bar is made of, in this order. */
  readonly parts: readonly string[];
  readonly bars: readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[];
}

const WIDTH = 860;
const [LEFT, RIGHT] = [220, 780];
const BAR = 30;

/** As SVG: lying bars, each of its parts, with their sum at the end. */
export function renderBarChart({ title, unit, parts, bars }: BarChart): string {
  const sums = bars.map(({ values }) => parts.reduce((sum, part) => sum + (values[part] ?? 0), 0));
  const scale = (RIGHT - LEFT) / Math.max(...sums, Number.MIN_VALUE);
  const rows = bars.flatMap((bar, row) => renderBar(bar, row, { parts, scale, sum: sums[row] ?? 0 }));
  const bottom = 50 + bars.length * BAR;
  const legend = parts.flatMap((part, index) => [
    `<rect x="${20 + index * 118}" y="${bottom + 10}" width="12" height="12" fill="${colourOf(index)}"/>`,
    svgText(36 + index * 118, bottom + 20, part),
  ]);
  return svgPicture(WIDTH, bottom + 40, `${title}, ${unit}`, [...rows, ...legend]);
}

function renderBar(
  { name, values }: BarChart['bars'][number],
  row: number,
  { parts, scale, sum }: { parts: readonly string[]; scale: number; sum: number },
): string[] {
  const y = 50 + row * BAR;
  let x = LEFT;
  const boxes = parts.map((part, index) => {
    const width = (values[part] ?? 0) * scale;
    const box = `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${BAR - 10}" fill="${colourOf(index)}"/>`;
    x += width;
    return box;
  });
  return [
    svgText(LEFT - 8, y + 14, name, { anchor: 'end' }),
    ...boxes,
    svgText(x + 6, y + 14, formatNumber(sum, 2)),
  ];
}
