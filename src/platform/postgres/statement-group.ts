import pg from 'pg';
import { toQueryConfig } from './pool.ts';
import type { Statement } from './statement.ts';

/** A statement of a group, and who waits for its answer. */
export interface GroupedStatement {
  readonly statement: Statement;
  readonly answered: (result: pg.QueryResult) => void;
  /** @param wasSent whether Postgres may have got all of the group */
  readonly failed: (error: Error, wasSent: boolean) => void;
}

/** Of a statement behind one that failed. Its code is what Postgres gives to those that come later (in_failed_sql_transaction). */
class SkippedError extends Error {
  readonly code = '25P02';

  constructor(cause: Error) {
    super('Not tried, since a statement sent before it failed.', { cause });
    this.name = 'SkippedError';
  }
}

/** What pg calls on each query; its types leave these out. Tried with pg 8.23. */
interface AnsweredQuery {
  name: string | undefined;
  text: string | undefined;
  callback?: (error: Error | null, result?: pg.QueryResult) => void;
  submit(connection: pg.Connection): Error | null;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: pg.Connection): void;
  handleEmptyQuery(connection: pg.Connection): void;
  handleReadyForQuery(connection: pg.Connection): void;
  handleError(error: Error, connection: pg.Connection): void;
}

const PgQuery = pg.Query as unknown as new (config: pg.QueryConfig) => AnsweredQuery;

/** Which prepared statements a connection has; the second are under way. */
interface PreparedStatements {
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
}

/**
 * Statements that go out in one piece and are answered in one piece: one Sync for all of them, where pg sends one for each. The first that
 * fails ends the group; Postgres skips those behind it (PostgreSQL manual, "Pipelining"), so a COMMIT among them is not done. Each is sent
 * and read by pg's own Query; `client.query(new StatementGroup(...))` puts it in line with others.
 */
export class StatementGroup extends PgQuery {
  readonly statements: readonly Statement[];
  readonly #members: readonly AnsweredQuery[];
  /** How many were sent: all, unless one could not be made ready. */
  #sent = 0;
  /** Why the one behind those could not be made ready. */
  #refused: Error | undefined;
  #closed: string | undefined;
  /** How many were answered. */
  #done = 0;
  #isSettled = false;

  constructor(statements: readonly GroupedStatement[]) {
    super({ text: '' });
    this.statements = statements.map(({ statement }) => statement);
    this.#members = statements.map(({ statement, answered, failed }) => {
      // Without `queryMode` a statement without values is a message of its own kind, which no Sync can be kept from.
      const member = new PgQuery({ ...toQueryConfig(statement), queryMode: 'extended' } as pg.QueryConfig);
      member.callback = (error, result) =>
        error === null
          ? answered(result as pg.QueryResult)
          : failed(error, this.#sent === this.#members.length);
      return member;
    });
  }

  override submit(connection: pg.Connection): null {
    // Nothing would be written: whoever closed it tells the others.
    if (!connection.stream.writable) return null;
    const unsynced = Object.create(connection, { sync: { value: () => undefined } }) as pg.Connection;
    connection.stream.cork();
    try {
      for (const member of this.#members) {
        if (!this.#makeReady(member, unsynced)) break;
        this.#sent += 1;
      }
    } finally {
      connection.sync();
      connection.stream.uncork();
    }
    this.#nameCurrent();
    return null;
  }

  override handleRowDescription(message: unknown): void {
    this.#current?.handleRowDescription(message);
  }

  override handleDataRow(message: unknown): void {
    this.#current?.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: pg.Connection): void {
    this.#current?.handleCommandComplete(message, connection);
    this.#next();
  }

  override handleEmptyQuery(connection: pg.Connection): void {
    this.#current?.handleEmptyQuery(connection);
    this.#next();
  }

  override handleReadyForQuery(connection: pg.Connection): void {
    this.#settle(undefined, connection);
  }

  override handleError(error: Error, connection: pg.Connection): void {
    this.#settle(error, connection);
  }

  get #current(): AnsweredQuery | undefined {
    return this.#done < this.#sent ? this.#members[this.#done] : undefined;
  }

  #next(): void {
    this.#done += 1;
    this.#nameCurrent();
  }

  /** pg notes under these that a statement is prepared, when Postgres says so; it says so of one after the other. */
  #nameCurrent(): void {
    this.name = this.#current?.name;
    this.text = this.#current?.text;
  }

  /** @returns false for a name that stands for another text already, or a value that can't be written: it ends the group */
  #makeReady(member: AnsweredQuery, connection: pg.Connection): boolean {
    const { callback } = member;
    let unwritable: Error | undefined;
    member.callback = (error) => (unwritable = error ?? undefined);
    this.#refused = member.submit(connection) ?? unwritable;
    if (callback !== undefined) member.callback = callback;
    if (this.#refused === undefined) return true;
    // pg has told Postgres to forget the statement whose values it could not write.
    if (unwritable !== undefined) this.#closed = member.name;
    // Postgres must refuse the group too, or a transaction could go on, and be committed, without what was not sent.
    connection.bind({ statement: 'refused by the client' }, false);
    return false;
  }

  /** Those that were answered get their answers, the others the error. */
  #settle(error: Error | undefined, connection: pg.Connection): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const [done, left] = [this.#members.slice(0, this.#done), this.#members.slice(this.#done)];
    for (const member of done) member.handleReadyForQuery(connection);
    const reason =
      this.#refused ?? error ?? new Error('Postgres was ready for more before it had answered everything.');
    for (const [index, member] of left.entries()) {
      forgetSubmitted(member, connection);
      const isSkipped = index > 0 && (error instanceof pg.DatabaseError || this.#refused !== undefined);
      member.handleError(isSkipped ? new SkippedError(reason) : reason, connection);
    }
    if (this.#closed !== undefined)
      Reflect.deleteProperty(preparedOf(connection).parsedStatements, this.#closed);
    this.callback?.(error ?? null);
  }
}

/** Postgres skipped it: who sends it next must prepare it. */
function forgetSubmitted({ name }: AnsweredQuery, connection: pg.Connection): void {
  if (name !== undefined) Reflect.deleteProperty(preparedOf(connection).submittedNamedStatements, name);
}

const preparedOf = (connection: pg.Connection): PreparedStatements =>
  connection as unknown as PreparedStatements;
