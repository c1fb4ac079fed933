import { tlsTrouble } from '../tls-trouble.ts';

/** SQLSTATE of an error that Postgres sent, else undefined. */
export function sqlState(error: unknown): string | undefined {
  if (!Error.isError(error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  // Every SQLSTATE has a digit; EPIPE, an error of the socket, has none.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Classes and codes after which the same transaction may well succeed (PostgreSQL manual, appendix A). */
const TRANSIENT = [
  /^08/, // connection exception
  /^25006$/, // read-only transaction: an old primary or a standby, during a switch-over
  /^40001$/, // serialization failure
  /^40P01$/, // deadlock detected
  /^53/, // insufficient resources: too many connections, disk full, out of memory
  /^55P03$/, // lock not available (lock_timeout)
  /^57P0[123]$/, // admin shutdown, crash shutdown, cannot connect now
  /^25P0[34]$/, // idle in transaction timeout, transaction timeout
  /^57014$/, // query cancelled (statement_timeout)
];

const CONNECTION_LOST =
  /ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|server closed the connection|server does not support SSL|not queryable|Query read timeout/i;

/** True when trying the same transaction again, later, is the right answer. */
export function isTransientPostgresError(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return TRANSIENT.some((pattern) => pattern.test(state));
  if (error instanceof AggregateError) return error.errors.some(isTransientPostgresError);
  if (!Error.isError(error)) return false;
  if (error.name === 'CommitUnknownError') return isTransientPostgresError(error.cause);
  return isConnectionLost(error);
}

/**
 * True when Postgres undid the transaction because of what it wanted or what it waited for: with less in it, or later, it may go through.
 * One that it was told to give up (lock or statement time-out), a deadlock, a conflict.
 */
export const isOverWhatItTouched = (error: unknown): boolean =>
  /^(?:55P03|57014|25P04|40P01|40001)$/.test(sqlState(error) ?? '');

/** True for an error of the connection itself, on which nothing more can be asked; a certificate that ran out is one, too. */
export function isConnectionLost(error: unknown): boolean {
  if (!Error.isError(error) || sqlState(error) !== undefined) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return tlsTrouble(error) !== undefined || CONNECTION_LOST.test(`${code} ${error.message}`);
}

/** What no other data would cure: a missing table or column, a missing right, a statement that is wrong. */
export function isWrongStatement(error: unknown): boolean {
  return /^(42|28|3D|3F)/.test(sqlState(error) ?? '');
}

/** A row that belongs to no partition: a check violation that, unlike a constraint's, names none. */
export function isMissingPartition(error: unknown): boolean {
  return (
    sqlState(error) === '23514' &&
    Error.isError(error) &&
    !('constraint' in error && error.constraint !== undefined)
  );
}

/** True when there is no database to ask: no server, no such database, or nobody of that name or password is let in. */
export function isNobodyThere(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined ? isConnectionLost(error) : /^(?:08|28|3D|57P)/.test(state);
}
