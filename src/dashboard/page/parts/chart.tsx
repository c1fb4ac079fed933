import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from './theme-switch.tsx';

export interface Line {
  readonly label: string;
  /** A custom property of theme.css. */
  readonly colour: string;
  readonly isDashed?: boolean;
}

interface Props {
  readonly lines: readonly Line[];
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  /** One row for each line, as long as `times`; null draws a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly inWords: (value: number | null) => string;
  readonly height: number;
  /** What the picture shows, for who can't see it: the newest figures in a sentence. */
  readonly summary: string;
}

/** A canvas knows no custom properties, and light-dark() is only worked out in a real property of a real element. */
function colourOf(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Drawn on a canvas by uPlot; made anew only when the colours or the width change, otherwise given its new values. */
export function Chart({ lines, times, values, inWords, height, summary }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = [[...times], ...values.map((row) => [...row])] as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  const colours = theme.value;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(options(lines, inWords, element.clientWidth, height), newest.current, element);
    };
    make();
    const resized = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', make);
    return () => {
      resized.disconnect();
      system.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [colours]);
  useEffect(() => plot.current?.setData(data), [times, values]);

  return (
    <figure>
      <div ref={place} class="chart" style={{ height: `${height}px` }} role="img" aria-label={summary} />
      <figcaption class="keys">
        {lines.map(({ label, colour, isDashed = false }, index) => (
          <span key={label}>
            <i class="key" data-dashed={isDashed ? 'yes' : 'no'} style={{ color: `var(${colour})` }} />
            {label} <b>{inWords(values[index]?.at(-1) ?? null)}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const axisFont = '12px "Archivo Variable", system-ui, sans-serif';

function options(
  lines: readonly Line[],
  inWords: (value: number | null) => string,
  width: number,
  height: number,
): uPlot.Options {
  const ink = colourOf('--muted');
  const rule = colourOf('--rule');
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] } },
    axes: [
      {
        stroke: ink,
        font: axisFont,
        size: 26,
        space: 90,
        grid: { show: false },
        ticks: { show: false },
        values: [
          [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
          [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
        ],
      },
      {
        stroke: ink,
        font: axisFont,
        size: 58,
        space: 34,
        grid: { stroke: rule, width: 1 },
        ticks: { show: false },
        values: (_plot, ticks) => ticks.map(inWords),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, isDashed = false }): uPlot.Series => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        ...(isDashed ? { dash: [5, 4] } : {}),
        points: { show: false },
      })),
    ],
  };
}
