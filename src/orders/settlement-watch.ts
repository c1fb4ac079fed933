export interface SettlementWatchOptions {
  readonly findSettled: (orderIds: readonly string[]) => Promise<readonly string[]>;
  readonly everyMs?: number;
}

/**
 * Lets requests wait until an order is settled, whichever process settles it: one query for all waiters together, at each
 * `lookNow` and else every `everyMs`. With nobody waiting nothing runs. A failing look is tried again at the next turn.
 */
export class SettlementWatch {
  readonly #findSettled: SettlementWatchOptions['findSettled'];
  readonly #everyMs: number;
  readonly #waiters = new Map<string, Set<() => void>>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #lookAgain = false;

  constructor({ findSettled, everyMs = 250 }: SettlementWatchOptions) {
    this.#findSettled = findSettled;
    this.#everyMs = everyMs;
  }

  /** True once the order is no longer PLACED; false at the time-out or when the signal aborts. */
  wait(orderId: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (settled: boolean): void => {
        clearTimeout(timeout);
        signal.removeEventListener('abort', giveUp);
        this.#remove(orderId, wake);
        resolve(settled);
      };
      const wake = (): void => end(true);
      const giveUp = (): void => end(false);
      const timeout = setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.set(orderId, (this.#waiters.get(orderId) ?? new Set()).add(wake));
      // The order may have been settled between the caller's look and this line.
      this.lookNow();
    });
  }

  /** To be called when this process may have settled orders (a batch was committed), so that nobody waits for the poll. */
  lookNow(): void {
    if (this.#waiters.size === 0) return;
    if (this.#looking) {
      // What was committed while a query runs may not be in its snapshot.
      this.#lookAgain = true;
      return;
    }
    void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        const settled = await this.#findSettled([...this.#waiters.keys()]);
        for (const orderId of settled) this.#waiters.get(orderId)?.forEach((wake) => wake());
        // lookNow may set it again while the query runs, which the compiler cannot see.
      } while ((this.#lookAgain as boolean) && this.#waiters.size > 0);
    } catch {
      // Postgres is away; whoever waits meanwhile is answered at the time-out.
    } finally {
      this.#looking = false;
      if (this.#waiters.size > 0) this.#timer ??= setTimeout(() => this.#onTimer(), this.#everyMs);
    }
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.lookNow();
  }

  #remove(orderId: string, wake: () => void): void {
    const others = this.#waiters.get(orderId);
    others?.delete(wake);
    if (others?.size === 0) this.#waiters.delete(orderId);
    if (this.#waiters.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
