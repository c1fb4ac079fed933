import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { sqlState } from './postgres-errors.ts';
import type { Log } from '../log.ts';

export interface ProvisionOptions {
  /** A superuser's connection string; its database part is ignored. */
  readonly adminUrl: string;
  readonly database: string;
  /** Roles are `<rolePrefix>_owner`, `_app`, `_ops`, `_audit` and, where there is an outbox, `_cdc` and `_repair`. */
  readonly rolePrefix: string;
  readonly passwords: {
    readonly owner: string;
    readonly app: string;
    readonly ops: string;
    readonly audit: string;
    /** Of the roles that only an outbox needs; without it there are none. */
    readonly outbox?: { readonly cdc: string; readonly repair: string };
  };
  readonly log: Log;
}

/**
 * What only a superuser can do: the database, its roles and who may connect. Tables come with the migrations, which
 * run as the owner. Idempotent; passwords are set anew each time, so a changed one takes effect.
 *
 * Least privilege: each gets its rights by the group of its name, `app` by `pipeline_app` and so on; nobody else may connect.
 * REPLICATION can't be inherited: cdc has it to stream, ops to drop a slot. ops is a member of cdc so that it may end a reader that
 * holds the slot, and of pg_monitor to see what other sessions hold. audit sees since when other sessions have been open, and what
 * it needs to prove that events arrived; repair may publish a row of the outbox once more, and nothing else.
 */
export async function provisionDatabase(options: ProvisionOptions): Promise<void> {
  const admin = createPool({
    connectionString: options.adminUrl,
    applicationName: 'provision',
    log: options.log,
    max: 1,
  });
  try {
    await provisionRoles(admin, options);
    await createDatabase(admin, options.database, `${options.rolePrefix}_owner`);
    await restrictConnections(admin, options);
  } finally {
    await admin.end();
  }
  await createPipelineSchema(options);
}

export async function provisionRoles(
  admin: Pool,
  options: Pick<ProvisionOptions, 'rolePrefix' | 'passwords'>,
): Promise<void> {
  const { rolePrefix, passwords } = options;
  for (const kind of ['app', 'cdc', 'ops', 'audit', 'repair'])
    await createRole(admin, `pipeline_${kind}`, 'nologin');
  await createRole(admin, `${rolePrefix}_owner`, 'login', passwords.owner);
  await createRole(admin, `${rolePrefix}_app`, 'login', passwords.app);
  await run(admin, `grant pipeline_app to ${quote(`${rolePrefix}_app`)}`);
  await limitAppTransactions(admin, `${rolePrefix}_app`);
  await planAppStatementsOnce(admin, `${rolePrefix}_app`);
  const ops = quote(`${rolePrefix}_ops`);
  await createRole(
    admin,
    `${rolePrefix}_ops`,
    passwords.outbox === undefined ? 'login' : 'login replication',
    passwords.ops,
  );
  await run(admin, `grant pipeline_ops, pg_monitor to ${ops}`);
  const audit = `${rolePrefix}_audit`;
  await createRole(admin, audit, 'login', passwords.audit);
  await run(admin, `grant pipeline_audit, pg_read_all_stats to ${quote(audit)}`);
  if (passwords.outbox === undefined) return;
  await createRole(admin, `${rolePrefix}_cdc`, 'login replication', passwords.outbox.cdc);
  await run(admin, `grant pipeline_cdc to ${quote(`${rolePrefix}_cdc`)}`);
  await run(admin, `grant ${quote(`${rolePrefix}_cdc`)} to ${ops}`);
  const repair = `${rolePrefix}_repair`;
  await createRole(admin, repair, 'login', passwords.outbox.repair);
  await run(admin, `grant pipeline_repair to ${quote(repair)}`);
  // Its rows are outbox rows like any other.
  await limitAppTransactions(admin, repair);
}

/**
 * A process that is stopped (SIGSTOP, a long pause) inside a transaction holds its locks; these end it before the
 * consumer group's session (10 s) is over, so its successor is not blocked. `transaction_timeout` also bounds how late
 * an outbox row can commit, on which the audit relies.
 */
async function limitAppTransactions(admin: Pool, role: string): Promise<void> {
  await run(admin, `alter role ${quote(role)} set idle_in_transaction_session_timeout = '5s'`);
  await run(admin, `alter role ${quote(role)} set transaction_timeout = '30s'`);
}

/**
 * The services' statements get lists as parameters. Postgres believes that a list it does not know has ten elements, so a plan for one or two
 * looks cheaper, and it plans anew each time: for a transaction of one event that costs more than doing it. All of them look rows up
 * by key, whatever the length of the list.
 * On a table that is still small, reading all of it would look cheaper still, and that plan would stay while the table grows, until autovacuum
 * has looked at it: a thousand ids compared with each of a hundred thousand rows. So they go by an index wherever there is one.
 */
async function planAppStatementsOnce(admin: Pool, role: string): Promise<void> {
  await run(admin, `alter role ${quote(role)} set plan_cache_mode = force_generic_plan`);
  await run(admin, `alter role ${quote(role)} set enable_seqscan = off`);
}

async function createRole(admin: Pool, role: string, attributes: string, password?: string): Promise<void> {
  try {
    await run(admin, `create role ${quote(role)} ${attributes}`);
  } catch (error) {
    // 42710 duplicate_object; 23505 when two sessions create the same role at once.
    if (!['42710', '23505'].includes(sqlState(error) ?? '')) throw error;
  }
  if (password !== undefined)
    await run(admin, `alter role ${quote(role)} ${attributes} password ${literal(password)}`);
}

async function createDatabase(admin: Pool, database: string, owner: string): Promise<void> {
  try {
    await run(admin, `create database ${quote(database)} owner ${quote(owner)}`);
  } catch (error) {
    // 42P04 duplicate_database; 23505 when two sessions create it at once.
    if (!['42P04', '23505'].includes(sqlState(error) ?? '')) throw error;
  }
}

export async function restrictConnections(
  admin: Pool,
  options: Pick<ProvisionOptions, 'database' | 'rolePrefix' | 'passwords'>,
): Promise<void> {
  const ofOutbox = options.passwords.outbox === undefined ? [] : ['cdc', 'repair'];
  const roles = ['app', 'ops', 'audit', ...ofOutbox].map((kind) => quote(`${options.rolePrefix}_${kind}`));
  await run(admin, `revoke connect, temporary on database ${quote(options.database)} from public`);
  await run(admin, `grant connect on database ${quote(options.database)} to ${roles.join(', ')}`);
}

async function createPipelineSchema(options: ProvisionOptions): Promise<void> {
  const url = new URL(options.adminUrl);
  url.pathname = `/${options.database}`;
  const database = createPool({
    connectionString: url.href,
    applicationName: 'provision',
    log: options.log,
    max: 1,
  });
  try {
    await run(
      database,
      `create schema if not exists pipeline authorization ${quote(`${options.rolePrefix}_owner`)}`,
    );
    await run(database, 'revoke create on schema public from public');
  } finally {
    await database.end();
  }
}

/** DDL takes no parameters, hence the quoting. */
async function run(pool: Pool, text: string): Promise<void> {
  await pool.query({ text });
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
