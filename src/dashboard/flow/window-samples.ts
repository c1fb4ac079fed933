const BUCKET_MS = 1_000;
/** A second with more is represented by so many of them, chosen at random. */
const MOST_A_BUCKET = 50;

interface Bucket {
  readonly second: number;
  readonly values: number[];
  seen: number;
}

/** Durations of the last minute, in bounded memory however many there are. Time is passed in, in milliseconds since 1970. */
export class WindowSamples {
  readonly #buckets: Bucket[] = [];
  readonly #windowMs: number;
  readonly #random: () => number;

  constructor(windowMs: number, random: () => number = Math.random) {
    this.#windowMs = windowMs;
    this.#random = random;
  }

  add(now: number, value: number): void {
    const second = Math.floor(now / BUCKET_MS);
    let bucket = this.#buckets.at(-1);
    if (bucket?.second !== second) {
      bucket = { second, values: [], seen: 0 };
      this.#buckets.push(bucket);
      this.#forget(now);
    }
    bucket.seen += 1;
    if (bucket.values.length < MOST_A_BUCKET) bucket.values.push(value);
    else {
      const at = Math.floor(this.#random() * bucket.seen);
      if (at < MOST_A_BUCKET) bucket.values[at] = value;
    }
  }

  /** The value below which this share of the samples is; null without any. */
  quantiles(now: number, shares: readonly number[], withinMs = this.#windowMs): (number | null)[] {
    const values = this.#buckets
      .filter(({ second }) => (second + 1) * BUCKET_MS > now - withinMs)
      .flatMap((bucket) => bucket.values)
      .sort((a, b) => a - b);
    return shares.map(
      (share) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? null,
    );
  }

  #forget(now: number): void {
    while ((this.#buckets[0]?.second ?? Infinity) < Math.floor((now - this.#windowMs) / BUCKET_MS))
      this.#buckets.shift();
  }
}
