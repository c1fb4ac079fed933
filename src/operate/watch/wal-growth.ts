import type { ReplicationSlot } from '../../connect/replication-slot.ts';

/** How much log a slot held back at a moment. */
export interface WalSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytesHeld: number;
}

/** Bytes a second between the oldest and the newest sample; undefined while there is less than half a second between them. */
export function walGrowth(samples: readonly WalSample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < 500) return undefined;
  return ((last.bytesHeld - first.bytesHeld) * 1000) / (last.at - first.at);
}

/** The samples of the last `windowMs`: long enough that a slot which moves on with each heartbeat does not look as if it grew. */
export function recentSamples(samples: readonly WalSample[], windowMs: number): WalSample[] {
  const newest = samples.at(-1)?.at ?? 0;
  return samples.filter(({ at }) => newest - at <= windowMs);
}

/** Until the server gives the slot up; undefined without a budget, or while the log that it keeps does not grow. */
export function secondsUntilFull(
  slot: Pick<ReplicationSlot, 'bytesLeft'>,
  bytesPerSecond: number | undefined,
): number | undefined {
  if (slot.bytesLeft === undefined || bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  return Math.max(0, slot.bytesLeft) / bytesPerSecond;
}
