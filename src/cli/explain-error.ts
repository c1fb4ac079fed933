import { PipelineError } from '../platform/errors.ts';
import { isConnectionLost, isNobodyThere, sqlState } from '../platform/postgres/postgres-errors.ts';
import { tlsTrouble } from '../platform/tls-trouble.ts';

/**
 * What Postgres or its socket said, as a sentence with a remedy; every other error as it is. Commands that print a failure themselves
 * call it before they do, as `runCommand` does.
 */
export function explainError(error: unknown, env: Readonly<Record<string, string>>): unknown {
  if (error instanceof PipelineError) {
    const cause = error.code === 'deadline_passed' ? explainError(error.cause, env) : undefined;
    return cause instanceof PipelineError
      ? new PipelineError(cause.code, error.message, { remedy: cause.remedy, cause: error })
      : error;
  }
  if (!Error.isError(error)) return error;
  if (isNobodyThere(error)) return unreachable(error, env);
  const state = sqlState(error);
  // Only the pipeline's own tables are asked for.
  if (state !== '42P01' && state !== '3F000' && state !== '42501') return error;
  return new PipelineError('schemas_not_applied', `Postgres refuses: ${error.message}.`, {
    remedy: 'Run: npm run setup; then npx outbox doctor says which right or table lacks.',
    cause: error,
  });
}

function unreachable(error: Error, env: Readonly<Record<string, string>>): PipelineError {
  const places = databasesOf(env).filter((place) => isMeant(error, place));
  const variables = places.map(({ variable }) => variable).join(' or ');
  const hosts = [...new Set(places.map(({ host }) => host))].join(', ');
  const where = hosts === '' ? 'Postgres' : `Postgres at ${hosts}`;
  const what = isConnectionLost(error) ? "can't be reached" : 'lets nobody in';
  const reason = tlsTrouble(error)?.reason ?? messageOf(error);
  return new PipelineError('database_unreachable', `${where} ${what}: ${reason}.`, {
    remedy: remedyFor(error, variables === '' ? 'the address in .env' : variables),
    cause: error,
  });
}

function remedyFor(error: Error, variables: string): string {
  if (tlsTrouble(error) !== undefined)
    return `Give the PEM file of the authority that signed its certificate in ${variables} (?sslmode=verify-full&sslrootcert=FILE), and use the host name that the certificate has.`;
  if (error.message.includes('no encryption'))
    return `If it wants TLS, add ?sslmode=verify-full&sslrootcert=FILE to ${variables}.`;
  if (error.message.includes('does not support SSL'))
    return `Let it speak TLS (ssl = on), or take sslmode out of ${variables}.`;
  return `Start it, or mend ${variables}.`;
}

interface DatabasePlace {
  readonly variable: string;
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

/** `ORDERS_OPS_DATABASE_URL` and its like. */
function databasesOf(env: Readonly<Record<string, string>>): DatabasePlace[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    if (!variable.endsWith('_DATABASE_URL') || !URL.canParse(value)) return [];
    const { host, username, pathname } = new URL(value);
    const [user, database] = [username, pathname.slice(1)].map(decodeURIComponent);
    return [{ variable, host, user: user ?? '', database: database ?? '' }];
  });
}

/** The socket's error has the address, the server's names the role or the database. */
function isMeant(error: Error, { host, user, database }: DatabasePlace): boolean {
  const { address, port, hostname } = error as { address?: string; port?: number; hostname?: string };
  if (address !== undefined) return host === `${address}:${port ?? ''}`;
  if (hostname !== undefined) return host.startsWith(`${hostname}:`) || host === hostname;
  return error.message.includes(`"${user}"`) || error.message.includes(`"${database}"`);
}

/** A name with two addresses is tried at both, and what they said is in the parts. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message.replace(/\.$/, '');
  const { errors } = error as { errors?: readonly unknown[] };
  return errors?.map((one) => (Error.isError(one) ? one.message : String(one))).join('; ') ?? error.name;
}
