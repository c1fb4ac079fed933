import { maskUrlPasswords } from './mask-secrets.ts';
import { sqlState } from './postgres/postgres-errors.ts';

/**
 * An error's message without what it quotes of others' data: a value that Postgres could not read (SQLSTATE class 22), a text that is no
 * JSON, the password in an address. `detail`, `where` and parameters of Postgres' errors are never part of a message.
 */
export function safeMessage(error: Error): string {
  const quotesData = error.name === 'SyntaxError' || /^22/.test(sqlState(error) ?? '');
  const message = quotesData ? error.message.replace(/"[\s\S]*"/, '"…"') : error.message;
  return maskUrlPasswords(message);
}
