/** How far a reader is behind in time: since when the log has been further than the reader is now. */
export class LagTime {
  readonly #keepMs: number;
  #ends: { readonly at: number; readonly end: number }[] = [];

  constructor(keepMs = 600_000) {
    this.#keepMs = keepMs;
  }

  /** To be called with each look at the log's end; looks at which nothing had changed cost nothing. */
  addEnd(at: number, end: number): void {
    const last = this.#ends.at(-1);
    if (last !== undefined && last.end >= end) return;
    this.#ends.push({ at, end });
    while ((this.#ends[1]?.at ?? at) < at - this.#keepMs) this.#ends.shift();
  }

  /** 0 when nothing is left to read; at least so long when it fell behind before we looked. */
  behindMs(now: number, position: number): number {
    const passed = this.#ends.find(({ end }) => end > position);
    return passed === undefined ? 0 : Math.max(0, now - passed.at);
  }
}
