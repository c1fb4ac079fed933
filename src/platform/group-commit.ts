export interface GroupCommitOptions<Item, Result> {
  /** Gives one result for each item, in the same order. All of it is done, or nothing. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Groups under way at once, as long as they are quick. */
  readonly concurrency: number;
  /** Who has waited for so long gets a group beyond that: those under way may be waiting for somebody else. */
  readonly patienceMs: number;
  /** Groups under way at once at most. */
  readonly maxConcurrency: number;
  /** Items of one group at most, each counted by its weight; a heavier one goes by itself. */
  readonly maxWeight: number;
  readonly weightOf?: (item: Item) => number;
  /** Never in a group with others. */
  readonly goesAlone?: (item: Item) => boolean;
  /** Nothing was done, and one item may have spoilt it for the others: each is tried by itself. */
  readonly mayBeOneItems: (error: unknown) => boolean;
  /** Who is in no group after this time is told so; without it, waiting has no end. */
  readonly tooLate?: { readonly afterMs: number; readonly error: () => Error };
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly since: number;
  alone: boolean;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What comes while a transaction is under way shares the next one: what a transaction costs is paid once by more items the more of
 * them there are, and nobody waits for others as long as there is room. The idea is that of databases' own group commit.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;
  #isStarting = false;
  #look: NodeJS.Timeout | undefined;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /**
   * @param signal takes the item back as long as it is in no group
   * @throws what `commit` threw for this item, or for its group when it is not known to be one item's fault; the signal's reason
   */
  submit(item: Item, signal?: AbortSignal): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const alone = this.#options.goesAlone?.(item) ?? false;
    const waiting = { item, alone, since: performance.now(), resolve, reject };
    this.#waiting.push(waiting);
    this.#startSoon();
    if (signal === undefined) return promise;
    const takeBack = (): void => {
      const place = this.#waiting.indexOf(waiting);
      if (place === -1) return;
      this.#waiting.splice(place, 1);
      reject(signal.reason);
    };
    if (signal.aborted) takeBack();
    else signal.addEventListener('abort', takeBack, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', takeBack));
  }

  /** After all that came in with the same read from the network. */
  #startSoon(): void {
    if (this.#underWay >= this.#options.concurrency) {
      this.#lookLater();
      return;
    }
    if (this.#isStarting) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#mayStart()) {
      this.#underWay += 1;
      void this.#commit(this.#takeGroup()).then(() => {
        this.#underWay -= 1;
        this.#start();
      });
    }
    this.#lookLater();
  }

  #mayStart(): boolean {
    const [first] = this.#waiting;
    const { concurrency, maxConcurrency, patienceMs } = this.#options;
    if (first === undefined) return false;
    const isImpatient = performance.now() - first.since >= patienceMs;
    return this.#underWay < (isImpatient ? maxConcurrency : concurrency);
  }

  /** When the first in the queue loses its patience. */
  #lookLater(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#look !== undefined) return;
    const { patienceMs } = this.#options;
    const leftMs = first.since + patienceMs - performance.now();
    this.#look = setTimeout(
      () => {
        this.#look = undefined;
        this.#endLate();
        this.#start();
      },
      leftMs > 0 ? leftMs : patienceMs,
    );
    this.#look.unref();
  }

  #endLate(): void {
    const { tooLate } = this.#options;
    if (tooLate === undefined) return;
    const before = performance.now() - tooLate.afterMs;
    for (let [first] = this.#waiting; first !== undefined && first.since <= before; [first] = this.#waiting) {
      this.#waiting.shift();
      first.reject(tooLate.error());
    }
  }

  #takeGroup(): readonly Waiting<Item, Result>[] {
    const { weightOf = () => 1, maxWeight } = this.#options;
    let weight = 0;
    const end = this.#waiting.findIndex(({ item, alone }, index) => {
      weight += weightOf(item);
      return index > 0 && (weight > maxWeight || alone || this.#waiting[0]?.alone === true);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (group.length === 1 || !this.#options.mayBeOneItems(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      for (const waiting of group) waiting.alone = true;
      this.#waiting.unshift(...group);
    }
  }
}
