import type { QueryResult } from 'pg';
import { CommitUnknownError } from './commit-unknown-error.ts';
import { toQueryConfig } from './pool.ts';
import type { PoolClient } from './pool.ts';
import { inOneRoundTrip } from './in-one-round-trip.ts';
import { sqlState } from './postgres-errors.ts';
import { StatementGroup, type GroupedStatement } from './statement-group.ts';
import type { Statement } from './statement.ts';

const IN_FAILED_TRANSACTION = '25P02';
const COMMIT: Statement = { name: 'commit', text: 'commit' };

/**
 * The statements of one transaction on its connection. What is asked for before the event loop goes on is sent as one group, the first
 * one with BEGIN before it: were BEGIN cancelled, Postgres would skip the others, and nothing is committed by itself.
 */
export class GroupedStatements {
  readonly #client: PoolClient;
  /** Of BEGIN and what belongs to it; rejects with why there is no transaction. */
  readonly #opened: Promise<unknown>;
  #waiting: GroupedStatement[] = [];
  #noTransaction: unknown;
  #isOpen = false;
  #isOver = false;
  #committed: Promise<QueryResult> | undefined;
  #isSending = false;
  #hasBegun = false;

  /** @param opening sent before the first statement: BEGIN, and settings */
  constructor(client: PoolClient, opening: readonly [Statement, ...Statement[]]) {
    this.#client = client;
    this.#opened = Promise.all(opening.map((statement) => this.#wait(statement)));
    this.#opened.then(
      () => (this.#isOpen = true),
      (error: unknown) => (this.#noTransaction = error),
    );
  }

  /** @throws what Postgres or the connection says; CommitUnknownError when COMMIT was sent along and the connection broke */
  async query(statement: Statement): Promise<QueryResult> {
    this.#assertOpen();
    // May be several in one text, which only the simple protocol takes; it has its own Sync.
    const isSimple = statement.name === undefined && statement.values === undefined;
    if (isSimple) return this.#querySimply(statement);
    this.#sendSoon();
    try {
      return await this.#answerTo(this.#wait(statement));
    } catch (error) {
      // The trace up to here tells who asked, instead of who read the socket.
      if (Error.isError(error)) Error.captureStackTrace(error);
      throw error;
    }
  }

  /**
   * Sends statements and COMMIT as one group. Statements, not functions that send some: one that failed before it sent anything would be
   * missing from what is committed.
   * @throws what the first that failed threw; CommitUnknownError
   */
  async commitWith(statements: readonly Statement[]): Promise<QueryResult[]> {
    this.#assertOpen();
    const sent = statements.map((statement) => this.#wait(statement));
    this.#sendCommit();
    const [results] = await this.#answerTo(inOneRoundTrip([inOneRoundTrip(sent), this.commit()]));
    return results;
  }

  /** Where there is no transaction, why not, instead of that what was sent behind BEGIN was skipped: only the first says what to do. */
  async #answerTo<T>(sent: Promise<T>): Promise<T> {
    try {
      return await sent;
    } catch (error) {
      if (sqlState(error) === IN_FAILED_TRANSACTION) await this.#opened;
      throw error;
    }
  }

  /**
   * Sends COMMIT, unless it has been sent.
   * @throws CommitUnknownError; what Postgres says
   */
  async commit(): Promise<void> {
    // A COMMIT outside of a transaction would be answered as if something had been committed.
    if (this.#noTransaction !== undefined) throw this.#noTransaction as Error;
    if (this.#committed === undefined) this.#sendCommit();
    const result = await this.#committed;
    // What Postgres answers when a statement had failed.
    if (result?.command === 'ROLLBACK')
      throw new Error('Nothing was committed, since a statement had failed whose error was not passed on.');
  }

  /** Nothing is sent any more: a statement of somebody who goes on all the same would be committed by itself. */
  end(): void {
    this.#isOver = true;
    this.#discard(new Error('The transaction is over.'));
  }

  /**
   * After `end`.
   * @throws what the connection says
   */
  async rollback(): Promise<void> {
    if (this.#hasBegun) await this.#client.query('rollback');
  }

  #assertOpen(): void {
    if (this.#committed !== undefined)
      throw new Error('A statement came after the COMMIT of its transaction.');
    // Whoever kept silent about BEGIN's error: this would be committed by itself.
    if (this.#noTransaction !== undefined) throw this.#noTransaction as Error;
    if (this.#isOver) throw new Error('A statement came after the end of its transaction.');
  }

  #discard(reason: Error): void {
    const discarded = this.#waiting;
    this.#waiting = [];
    for (const { failed } of discarded) failed(reason, false);
  }

  async #querySimply(statement: Statement): Promise<QueryResult> {
    this.#send();
    // Or this would be committed by itself.
    await this.#opened;
    this.#assertOpen();
    return this.#client.query(toQueryConfig(statement));
  }

  #wait(statement: Statement): Promise<QueryResult> {
    const { promise, resolve, reject } = Promise.withResolvers<QueryResult>();
    this.#waiting.push({ statement, answered: resolve, failed: reject });
    return promise;
  }

  /** After everything that goes on with what has been answered has asked for its next. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    process.nextTick(() => {
      this.#send();
    });
  }

  #sendCommit(): void {
    this.#committed = this.#wait(COMMIT);
    // Whoever sent it along with the last statements is told by the first of those that failed.
    this.#committed.catch(() => undefined);
    this.#send();
  }

  #send(): void {
    this.#isSending = false;
    if (this.#waiting.length === 0) return;
    // Were BEGIN refused, only its own group would be skipped.
    if (this.#hasBegun && !this.#isOpen) {
      this.#opened.then(
        () => {
          this.#send();
        },
        (error: unknown) => {
          this.#discard(error as Error);
        },
      );
      return;
    }
    const group = this.#waiting;
    this.#hasBegun = true;
    this.#waiting = [];
    const isLast = this.#committed !== undefined;
    this.#client.query(new StatementGroup(isLast ? group.map(inDoubt) : group));
  }
}

/** Of a group with COMMIT: what Postgres itself says (a serialization failure, say) is certain, nothing was committed. */
const inDoubt = ({ failed, ...rest }: GroupedStatement): GroupedStatement => ({
  ...rest,
  failed: (error, wasSent) => {
    failed(wasSent && sqlState(error) === undefined ? new CommitUnknownError(error) : error, wasSent);
  },
});
