import { accessSync, constants } from 'node:fs';
import pg from 'pg';
import { describeError, PipelineError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Queryable, Statement } from './statement.ts';

/** int8 as a number: sequences, offsets and minor units stay far below 2^53; beyond it we refuse rather than round. */
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The bigint ${text} does not fit a JavaScript number.`);
  return value;
});

export type PoolClient = pg.PoolClient;

export interface Pool extends Queryable {
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/**
 * Connections to one database as one role.
 * @param options.connectionString with `?sslmode=verify-full&sslrootcert=FILE` where the server speaks TLS
 * @param options.max connections at most; a request waits at most 5 s for one, then fails with a time-out.
 * @param options.queryTimeoutMs 35 s unless given: longer only where statements over whole tables are run by a person
 * @throws PipelineError `config_invalid` for a certificate's file that can't be read
 */
export function createPool(options: {
  connectionString: string;
  applicationName: string;
  log: Log;
  max?: number;
  queryTimeoutMs?: number;
}): Pool {
  assertFilesOfAddress(options.connectionString);
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    // A server that vanished without a word answers nothing and closes nothing: idle connections are found out by the
    // kernel's probes, one that waits for an answer by this time-out, longer than any transaction may take (30 s).
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: options.queryTimeoutMs ?? 35_000,
    // Statements that nobody waits between go out at once, and are answered in order: one round trip instead of several.
    pipeline: true,
  });
  // Without a listener a connection that breaks while idle would end the process; the pool has already dropped it.
  pool.on('error', (error) =>
    options.log.warn({ reason: error.message }, 'an idle Postgres connection broke'),
  );
  // Likewise one that breaks after the pool let go of it and before who asked for it has hold of it: "ready" and the server's
  // farewell can come in one piece. Its first statement fails with the reason.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    query: async <Row>(statement: Statement) => {
      const result = await pool.query<pg.QueryResultRow>(toQueryConfig(statement));
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
    },
    connect: () => pool.connect(),
    end: () => pool.end(),
    get totalCount() {
      return pool.totalCount;
    },
    get idleCount() {
      return pool.idleCount;
    },
    get waitingCount() {
      return pool.waitingCount;
    },
  };
}

/** pg reads them when it connects, and says of one that is not there no more than ENOENT, again and again. */
function assertFilesOfAddress(connectionString: string): void {
  if (!URL.canParse(connectionString)) return;
  const { host, pathname, searchParams } = new URL(connectionString);
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = searchParams.get(name);
    if (file === null) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      const whose = `${name} in the address of database ${host}${pathname}`;
      throw new PipelineError(
        'config_invalid',
        `The file of ${whose} can't be read: ${describeError(error)}.`,
        {
          remedy: 'Give the path of a PEM file that this user may read.',
          cause: error,
        },
      );
    }
  }
}

/** pg wants a mutable list of values. */
export function toQueryConfig(statement: Statement): pg.QueryConfig {
  return { ...statement, values: [...(statement.values ?? [])] };
}
