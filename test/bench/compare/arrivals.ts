/**
 * Moments, in milliseconds from the start, at which customers order: `rate` a second on average, one independent of the other
 * (Poisson). The same for the same random numbers.
 */
export function* arrivals(rate: number, seconds: number, random: () => number): Generator<number> {
  let at = 0;
  for (;;) {
    // random() may be 0, never 1.
    at += (-Math.log(1 - random()) / rate) * 1e3;
    if (at >= seconds * 1e3) return;
    yield at;
  }
}
