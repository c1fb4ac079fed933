import pino from 'pino';
import { MASK, maskSecrets, secretsOf } from './mask-secrets.ts';
import { safeMessage } from './safe-message.ts';

export type Log = pino.Logger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export interface LogOptions {
  /** The service. */
  readonly name: string;
  /** LOG_LEVEL and NODE_ENV are read, and no line will have a password or token that is in it. */
  readonly env: Readonly<NodeJS.Dict<string>>;
  /** Unless LOG_LEVEL says another one; a LOG_LEVEL that is none is refused where configuration is read. */
  readonly level?: (typeof LOG_LEVELS)[number];
  /** Somebody reads along. */
  readonly isTerminal?: boolean | undefined;
  /** Where lines go, for tests; standard output unless given. */
  readonly to?: pino.DestinationStream;
}

/**
 * JSON lines on standard output; readable lines in a terminal, unless NODE_ENV is production.
 * Pass ids (`orderId`, `eventId`, `traceId`), never customers, keys of topics, rows, payloads, headers or addresses. The masks are for mistakes.
 */
export function createLog({ name, env, level = 'info', isTerminal = false, to }: LogOptions): Log {
  const secrets = secretsOf(env);
  const wanted = LOG_LEVELS.find((known) => known === env['LOG_LEVEL']);
  const options: pino.LoggerOptions = {
    name,
    level: wanted ?? level,
    serializers: { err: loggedError },
    redact: { paths: NEVER_LOGGED.flatMap((field) => [field, `*.${field}`]), censor: MASK },
    hooks: { streamWrite: (line) => maskSecrets(line, secrets) },
  };
  if (to !== undefined) return pino(options, to);
  return isTerminal && env['NODE_ENV'] !== 'production'
    ? pino({ ...options, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } })
    : pino(options);
}

/** Who would log one of these makes a mistake. `key`: the key of a topic is the customer. */
const NEVER_LOGGED = [
  'password',
  'token',
  'authorization',
  'connectionString',
  'customerId',
  'key',
  'payload',
  'body',
  'detail',
  'where',
];

/** Kind, code, message and where it came from: not what libraries hang on their errors, such as Postgres' `detail`, which quotes rows. */
function loggedError(error: unknown): unknown {
  if (!Error.isError(error)) return { type: typeof error };
  return {
    type: error.name,
    ...('code' in error && { code: error.code }),
    // Constraint and table say which rule was broken, without the row that broke it.
    ...('constraint' in error && error.constraint !== undefined && { constraint: error.constraint }),
    message: safeMessage(error),
    stack: framesOf(error),
    ...(error.cause !== undefined && { cause: loggedError(error.cause) }),
  };
}

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');

/** For tests and for callers that have nothing to say. */
export const silentLog: Log = pino({ level: 'silent' });
