/** The first pause is short (most deadlocks are gone at once), the longest keeps the delay after an outage bearable. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * Milliseconds to wait before another try: doubles with each, with jitter between half and all of it, so that instances
 * that failed together do not come back together.
 * @param attempt tries that failed so far, from 1.
 * @param random in [0, 1).
 */
export function backOff(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
