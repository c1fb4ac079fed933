interface Sample {
  readonly at: number;
  readonly count: number;
}

/** The rate of something that is only ever counted up, over the last seconds. A count that falls (a restart) begins anew. */
export class CounterRate {
  readonly #windowMs: number;
  #samples: Sample[] = [];

  constructor(windowMs = 6_000) {
    this.#windowMs = windowMs;
  }

  add(at: number, count: number): void {
    if (count < (this.#samples.at(-1)?.count ?? 0)) this.#samples = [];
    this.#samples = [...this.#samples.filter((sample) => at - sample.at <= this.#windowMs), { at, count }];
  }

  /** Null while there is less than half a second between the samples, and when the newest is older than the window. */
  perSecond(now: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500) return null;
    if (now - last.at > this.#windowMs) return null;
    return inHundredths(((last.count - first.count) * 1000) / (last.at - first.at));
  }
}

/** More digits are noise, and would be sent again and again. */
const inHundredths = (rate: number): number => Math.round(rate * 100) / 100;
