/** Which sources answer. Several collectors ask one source, each for its own; it is up while it answers all of them. */
export class SourceHealth {
  readonly #answers = new Map<string, Map<string, boolean>>();

  /** @param asked what for; @param problem null when it answered */
  note(source: string, asked: string, problem: string | null): void {
    const answers = this.#answers.get(source) ?? new Map<string, boolean>();
    answers.set(asked, problem === null);
    this.#answers.set(source, answers);
  }

  /** False for a source that was never asked. */
  isUp(source: string): boolean {
    const answers = this.#answers.get(source);
    return answers !== undefined && [...answers.values()].every(Boolean);
  }

  /** All that were asked so far. */
  sources(): string[] {
    return [...this.#answers.keys()].sort();
  }
}

export const databaseSource = (service: string): string => `database ${service}`;
