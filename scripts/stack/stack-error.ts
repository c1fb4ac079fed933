/** What a person needs when a part fails: which part, why, and what to do. Its message is one sentence; details follow. */
export class StackError extends Error {
  readonly part: string;
  readonly remedy: string;
  readonly lastLines: readonly string[];

  constructor(
    part: string,
    reason: string,
    options: { remedy: string; lastLines?: readonly string[]; cause?: unknown },
  ) {
    super(`${part}: ${reason}`, { cause: options.cause });
    this.name = 'StackError';
    this.part = part;
    this.remedy = options.remedy;
    this.lastLines = options.lastLines ?? [];
  }

  /** The text for the terminal: sentence and remedy, then the part's last words. */
  describe(): string {
    const lines = this.lastLines.map((line) => `    ${line}`);
    const log = lines.length === 0 ? '' : `\n  its last log lines:\n${lines.join('\n')}`;
    return `${this.message}. ${this.remedy}${log}`;
  }
}
