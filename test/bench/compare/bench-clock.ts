/**
 * Milliseconds since 1970 with their fractions, to compare with what Postgres and Kafka write down. Date.now() cuts the fraction
 * off; the difference that is largest over some samples was taken just after the clock moved on.
 */
export function createBenchClock(): () => number {
  let offset = Number.NEGATIVE_INFINITY;
  const until = performance.now() + 5;
  while (performance.now() < until) offset = Math.max(offset, Date.now() - performance.now());
  return () => performance.now() + offset;
}
