import type { QueryResultRow } from 'pg';
import { toQueryConfig } from './pool.ts';
import type { Pool, PoolClient } from './pool.ts';
import { isConnectionLost, sqlState } from './postgres-errors.ts';
import type { Queryable, Statement } from './statement.ts';

declare const inATransaction: unique symbol;

/** An open transaction. Functions that need one take it as first argument, so that a pool can't be passed by mistake. */
export interface Transaction extends Queryable {
  readonly [inATransaction]: true;
  /** For what is true only once the COMMIT was answered; it must not throw. A process that dies in between has not called it. */
  afterCommit(call: () => void): void;
}

export interface TransactionOptions {
  readonly searchPath?: readonly string[];
  readonly lockTimeoutMs?: number;
}

/** The connection broke during COMMIT: the transaction may have been committed or not. */
export class CommitUnknownError extends Error {
  constructor(cause: unknown) {
    super('the connection broke during COMMIT; whether it was done is not known', { cause });
    this.name = 'CommitUnknownError';
  }
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
  try {
    await client.query(begin(options));
    const committed: (() => void)[] = [];
    const result = await work(asTransaction(client, committed));
    await commit(client);
    for (const call of committed) call();
    return result;
  } catch (error) {
    // Without a word from Postgres the connection is not to be trusted; closing it rolls back as well.
    if (error instanceof CommitUnknownError || isConnectionLost(error)) broken = error as Error;
    else
      await client.query('rollback').catch((rollbackError: unknown) => {
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

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    // What Postgres itself says (a serialization failure, say) is certain: it was not committed.
    throw sqlState(error) === undefined ? new CommitUnknownError(error) : error;
  }
}

/** One round trip for both: a simple query may hold several statements. */
function begin({ searchPath, lockTimeoutMs }: TransactionOptions): string {
  const path = searchPath?.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ');
  return [
    'begin',
    ...(path === undefined ? [] : [`set local search_path to ${path}`]),
    ...(lockTimeoutMs === undefined ? [] : [`set local lock_timeout to ${lockTimeoutMs}`]),
  ].join('; ');
}

function asTransaction(client: PoolClient, committed: (() => void)[]): Transaction {
  const tx: Omit<Transaction, typeof inATransaction> = {
    afterCommit: (call) => void committed.push(call),
    query: async <Row>(statement: Statement) => {
      const result = await client.query<QueryResultRow>(toQueryConfig(statement));
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
    },
  };
  return tx as Transaction;
}
