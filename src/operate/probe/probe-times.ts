import type { Hop } from './probe-result.ts';

/** When a probe was where, in milliseconds since 1970; each by the clock of the machine that saw it. */
export interface ProbeTimes {
  /** Just before its transaction, by our clock. */
  readonly sentAt: number;
  /** After COMMIT, by our clock; undefined when another process wrote it. */
  readonly committedAt: number | undefined;
  /** When Debezium read it from the log; undefined when the connector does not say it (connectors/README.md, `readAt`). */
  readonly readAt: number | undefined;
  /** When the broker took it. */
  readonly appendedAt: number;
  /** When we had it, by our clock. */
  readonly arrivedAt: number;
}

export type Hops = Partial<Record<Hop, number>>;

/**
 * The milliseconds of each hop, which add up to the whole way. A time that other hops contradict (Debezium may read a row before we
 * hear of our own COMMIT; clocks of several machines differ) is moved to the nearest one possible, so no hop is below 0.
 */
export function hopsOf(times: ProbeTimes): Hops {
  const places: readonly (readonly [Hop, number | undefined])[] = [
    ['commit', times.committedAt],
    ['wal', times.readAt],
    ['kafka', times.appendedAt],
    ['arrival', times.arrivedAt],
  ];
  const hops: Hops = {};
  let last = times.sentAt;
  for (const [hop, at] of places) {
    if (at === undefined) continue;
    const possible = Math.max(last, Math.min(at, times.arrivedAt));
    hops[hop] = possible - last;
    last = possible;
  }
  return hops;
}

/** The first of the longest hops. */
export function slowestHop(hops: Hops): Hop {
  const [first = 'commit', ...others] = Object.keys(hops) as Hop[];
  return others.reduce((slowest, hop) => ((hops[hop] ?? 0) > (hops[slowest] ?? 0) ? hop : slowest), first);
}
