import type { QueryResult } from 'pg';
import { CommitUnknownError } from './commit-unknown-error.ts';
import { GroupedStatements } from './grouped-statements.ts';
import type { Pool } from './pool.ts';
import { isConnectionLost } from './postgres-errors.ts';
import type { Queryable, Statement, StatementResult } from './statement.ts';

declare const inATransaction: unique symbol;

/** An open transaction. Functions that need one take it as first argument, so that a pool can't be passed by mistake. */
export interface Transaction extends Queryable {
  readonly [inATransaction]: true;
  /** For what is true only once the COMMIT was answered; it must not throw. A process that dies in between has not called it. */
  afterCommit(call: () => void): void;
  /**
   * Sends these statements and COMMIT in one round trip: they are answered when all is committed, or none is done. The last thing to do
   * with a transaction: what is found out from the answers can't undo it any more.
   * @throws what the first that failed threw
   */
  commitWith(statements: readonly Statement[]): Promise<StatementResult<unknown>[]>;
}

export interface TransactionOptions {
  readonly searchPath?: readonly string[];
  readonly lockTimeoutMs?: number;
}

/**
 * Runs `work` between BEGIN and COMMIT; any error rolls back and is thrown on. If the process dies before COMMIT,
 * Postgres rolls back by itself.
 * @throws CommitUnknownError when the connection dies *during* COMMIT: only idempotent work may be tried again
 * @param options.searchPath schemas in which unqualified tables are looked up, for this transaction only.
 * @param options.lockTimeoutMs ends the transaction with SQLSTATE 55P03 when it waits longer for a row that another one holds
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks between two statements emits 'error'; the next statement fails with the reason.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  const statements = new GroupedStatements(client, opening(options));
  try {
    const committed: (() => void)[] = [];
    const result = await work(asTransaction(statements, committed));
    await statements.commit();
    for (const call of committed) call();
    return result;
  } catch (error) {
    statements.end();
    // Without a word from Postgres the connection is not to be trusted; closing it rolls back as well.
    if (error instanceof CommitUnknownError || isConnectionLost(error)) broken = error as Error;
    else
      await statements.rollback().catch((rollbackError: unknown) => {
        broken = rollbackError as Error;
      });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/**
 * Undoes what `work` has written when it fails, and that alone: the transaction can go on.
 * @throws what `work` threw
 */
export async function inSavepoint<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  await tx.query({ text: 'savepoint work' });
  try {
    const result = await work();
    await tx.query({ text: 'release savepoint work' });
    return result;
  } catch (error) {
    await tx.query({ text: 'rollback to savepoint work' });
    throw error;
  }
}

function opening({ searchPath, lockTimeoutMs }: TransactionOptions): [Statement, ...Statement[]] {
  const path = searchPath?.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ');
  return [
    { name: 'begin', text: 'begin' },
    ...(path === undefined ? [] : [prepared(`set local search_path to ${path}`)]),
    ...(lockTimeoutMs === undefined ? [] : [prepared(`set local lock_timeout to ${lockTimeoutMs}`)]),
  ];
}

/** A name has 63 bytes at most. */
const prepared = (text: string): Statement =>
  text.length > 63 ? { text, values: [] } : { name: text, text };

function asTransaction(statements: GroupedStatements, committed: (() => void)[]): Transaction {
  const tx: Omit<Transaction, typeof inATransaction> = {
    afterCommit: (call) => void committed.push(call),
    commitWith: async (last) => (await statements.commitWith(last)).map(resultOf),
    query: async <Row>(statement: Statement) => resultOf<Row>(await statements.query(statement)),
  };
  return tx as Transaction;
}

const resultOf = <Row>({ rows, rowCount }: QueryResult): StatementResult<Row> => ({
  rows: rows as Row[],
  rowCount: rowCount ?? 0,
});
