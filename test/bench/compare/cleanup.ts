/** What has to be undone, last thing first, each once and all of them even if one fails. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** @throws the first failure, after every step was tried */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop())
      await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0] as Error;
  }

  /** Makes something; when that fails, what is there so far is undone. */
  async guard<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      // The first failure is the one to tell of.
      await this.run().catch(() => undefined);
      throw error;
    }
  }
}
