import { styleText } from 'node:util';
import type { Hop, ProbeResult } from '../../operate/probe/probe-result.ts';
import { durationText } from '../quantities.ts';

const HOPS: readonly Hop[] = ['commit', 'wal', 'kafka', 'arrival'];
const COLOURS = { commit: 'blue', wal: 'magenta', kafka: 'yellow', arrival: 'cyan' } as const;
const BAR = 20;

/** @param width of the column with the connector's name */
export function probeHead(width: number): string {
  const columns = [...['age', ...HOPS].map((name) => name.padStart(8)), `  ${'way'.padEnd(BAR)}`, 'slow'];
  return styleText('dim', ['sent    ', 'connector'.padEnd(width), ...columns].join(' '));
}

/** One line for the probe and, when it did not arrive, a second one that says where it is stuck. */
export function probeLines(probe: ProbeResult, width: number): string[] {
  const cells = HOPS.map((hop) => {
    const ms = probe.hops[hop];
    const text = (ms === undefined ? '-' : durationText(ms)).padStart(8);
    return hop === probe.slowHop ? styleText('bold', text) : text;
  });
  const age = (probe.arrived ? '' : '>') + durationText(probe.ageMs);
  const end = probe.arrived
    ? `${wayBar(probe)} ${probe.slowHop}`
    : styleText('red', `stuck before ${probe.slowHop}`);
  const time = probe.sentAt.toISOString().slice(11, 19);
  const line = [time, probe.connector.padEnd(width), age.padStart(8), ...cells, ` ${end}`].join(' ');
  return probe.reason === undefined
    ? [line]
    : [line, `${styleText('red', probe.connector)}: ${probe.reason}`];
}

/** The way as a bar, each hop with its first letter (`c`, `w`, `k`, `a`) as long as its share of the time. */
export function wayBar({ hops }: Pick<ProbeResult, 'hops'>): string {
  const total = HOPS.reduce((sum, hop) => sum + (hops[hop] ?? 0), 0);
  if (total === 0) return ' '.repeat(BAR);
  let passed = 0;
  let drawn = 0;
  return HOPS.map((hop) => {
    passed += hops[hop] ?? 0;
    const length = Math.round((passed / total) * BAR) - drawn;
    drawn += length;
    const letter = hop === 'kafka' ? 'k' : hop.charAt(0);
    return length === 0 ? '' : styleText(COLOURS[hop], letter.repeat(length));
  }).join('');
}
