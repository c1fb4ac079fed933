import type { CheckResult } from '../../platform/http/health-routes.ts';
import type { ArrivedProbe } from './follow-probes.ts';
import type { Hop } from './probe-result.ts';
import { hopsOf, slowestHop, type Hops } from './probe-times.ts';

/** Longer than this without a probe, events do not flow, whatever Connect says. */
const RED_AFTER_MS = 15_000;

export interface ProbesSeen {
  /** Since when we look, in milliseconds since 1970. */
  readonly since: number;
  readonly everyMs: number;
  /** Of all that arrived, the one that was sent last. */
  readonly newest: (ArrivedProbe & { readonly committedAt: number | undefined }) | undefined;
}

/** Where a probe is stuck that should have arrived, as far as a service can see. */
export interface StuckPlace {
  readonly hop: Hop;
  readonly what: string;
}

export function redAfterMs(everyMs: number): number {
  return Math.max(RED_AFTER_MS, 3 * everyMs);
}

/** Milliseconds since the newest probe that arrived was sent, or since we look. */
export function probeAgeMs({ since, newest }: ProbesSeen, now: number): number {
  return Math.max(0, now - Math.max(since, newest?.sentAt ?? 0));
}

export const isOverdue = (seen: ProbesSeen, now: number): boolean =>
  probeAgeMs(seen, now) > redAfterMs(seen.everyMs);

/** @param stuck undefined while nothing is overdue */
export function judgeProbes(seen: ProbesSeen, now: number, stuck: StuckPlace | undefined): CheckResult {
  const age = seconds(probeAgeMs(seen, now));
  if (stuck !== undefined)
    return {
      ok: false,
      detail: `no probe sent in the last ${age} has arrived: stuck before ${stuck.hop}, ${stuck.what}`,
    };
  const { newest } = seen;
  if (newest === undefined) return { ok: true, detail: `no probe has arrived yet, ${age} after the start` };
  const hops = hopsOf(newest);
  const way = newest.arrivedAt - newest.sentAt;
  const slow = slowestHop(hops);
  return {
    ok: true,
    detail: `a probe of ${age} ago took ${way} ms (${hopsText(hops)}), longest in ${slow}`,
  };
}

const hopsText = (hops: Hops): string =>
  Object.entries(hops)
    .map(([hop, ms]) => `${hop} ${ms}`)
    .join(', ');

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
