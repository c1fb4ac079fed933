import { useMemo } from 'preact/hooks';
import { inRate, inTime } from '../in-words.ts';
import { slice } from '../live-state.ts';
import { Chart, type Line } from './chart.tsx';
import { Section } from './section.tsx';

const history = slice('history');

const latencyLines: readonly Line[] = [
  { label: 'p50', colour: '--line-orders' },
  { label: 'p99', colour: '--line-inventory', isDashed: true },
];
const settledLines: readonly Line[] = [
  { label: 'confirmed', colour: '--line-sales' },
  { label: 'rejected', colour: '--broken-text', isDashed: true },
];
const perSecond = (value: number | null): string => `${inRate(value)}/s`;
const none: readonly never[] = [];

export function LatencyChart() {
  const points = history.value?.points ?? none;
  const times = useMemo(() => points.map(({ at }) => at / 1_000), [points]);
  const values = useMemo(
    () => [points.map(({ p50Ms }) => p50Ms), points.map(({ p99Ms }) => p99Ms)],
    [points],
  );
  const newest = points.at(-1);
  return (
    <Section title="Request to settled order" width="half" problem={history.value?.problem ?? null}>
      <Chart
        lines={latencyLines}
        times={times}
        values={values}
        inWords={inTime}
        height={190}
        summary={`Latency over time; now p50 ${inTime(newest?.p50Ms ?? null)}, p99 ${inTime(newest?.p99Ms ?? null)}`}
      />
    </Section>
  );
}

export function SettledChart() {
  const points = history.value?.points ?? none;
  const times = useMemo(() => points.map(({ at }) => at / 1_000), [points]);
  const values = useMemo(
    () => [
      points.map(({ confirmedPerSecond }) => confirmedPerSecond),
      points.map(({ rejectedPerSecond }) => rejectedPerSecond),
    ],
    [points],
  );
  const newest = points.at(-1);
  return (
    <Section title="Orders settled" width="half">
      <Chart
        lines={settledLines}
        times={times}
        values={values}
        inWords={perSecond}
        height={190}
        summary={`Orders over time; now ${perSecond(newest?.confirmedPerSecond ?? null)} confirmed, ${perSecond(newest?.rejectedPerSecond ?? null)} rejected`}
      />
    </Section>
  );
}
