/** Of what was done at these moments, in milliseconds: so many a second, from the first to the last. */
export function rateOf(moments: readonly number[]): number {
  // Not Math.max(...): a call takes only so many arguments.
  const sorted = Float64Array.from(moments).sort();
  const span = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  return (moments.length / Math.max(1, span)) * 1e3;
}
