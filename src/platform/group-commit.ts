export interface GroupCommitOptions<Item, Result> {
  /** Gives one result for each item, in the same order. All of it is done, or nothing. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Groups under way at once. */
  readonly concurrency: number;
  /** Items of one group at most, each counted by its weight; a heavier one goes by itself. */
  readonly maxWeight: number;
  readonly weightOf?: (item: Item) => number;
  /** Never in a group with others. */
  readonly goesAlone?: (item: Item) => boolean;
  /** Nothing was done, and one item may have spoilt it for the others: each is tried by itself. */
  readonly mayBeOneItems: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly alone: boolean;
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

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** @throws what `commit` threw for this item, or for its group when it is not known to be one item's fault */
  submit(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const alone = this.#options.goesAlone?.(item) ?? false;
    this.#waiting.push({ item, alone, resolve, reject });
    this.#startSoon();
    return promise;
  }

  /** After all that came in with the same read from the network. */
  #startSoon(): void {
    if (this.#isStarting || this.#underWay >= this.#options.concurrency) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#underWay < this.#options.concurrency && this.#waiting.length > 0) {
      this.#underWay += 1;
      void this.#commit(this.#takeGroup()).then(() => {
        this.#underWay -= 1;
        this.#start();
      });
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
      if (group.length > 1 && this.#options.mayBeOneItems(error))
        this.#waiting.unshift(...group.map((waiting) => ({ ...waiting, alone: true })));
      else for (const { reject } of group) reject(error);
    }
  }
}
