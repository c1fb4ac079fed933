export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * Nearest rank: each is a value that was measured, the smallest that is not below so many of all. With fewer than 1,000 values
 * p999 is the largest.
 * @throws RangeError for no values
 */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const max = sorted.at(-1);
  if (max === undefined) throw new RangeError('There are no percentiles of no values.');
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? max;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max };
}
