import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { sqlState } from '../../src/platform/postgres/postgres-errors.ts';
import type { Launch } from './detached-process.ts';
import { processResource } from './process-resource.ts';
import { commandOf } from './port-owner.ts';
import { makeDataFolder, postgresHome, type PostgresHome } from './postgres-home.ts';
import type { Resource } from './resource.ts';
import { initdbOptions, postgresSettings } from './settings.ts';
import { moreEnv, partProcess, portOf, superuserUrl, type StackContext } from './stack-context.ts';
import { StackError } from './stack-error.ts';

/** One Postgres server on loopback, with the binaries of the npm package. */
export function postgres(context: StackContext): Resource {
  const port = portOf(context, 'postgres', 'POSTGRES_PORT');
  return processResource({
    name: 'postgres',
    needs: [],
    process: partProcess(context, 'postgres', marker(context)),
    ports: [{ variable: 'POSTGRES_PORT', port }],
    probe: () => acceptsQueries(context),
    prepare: async () => {
      const home = await postgresHome(context);
      initialise(home, context);
      await forgetDeadServer(home.data);
      return launch(home, context);
    },
    // Crash recovery of a large WAL may take a while.
    startWithinMs: 90_000,
    // SIGINT is the fast shutdown: it disconnects clients, where SIGTERM would wait for them.
    stop: { signal: 'SIGINT', withinMs: 20_000 },
  });
}

/** Text that only this stack's server has in its command line; not the data folder, which may be one of two. */
function marker(context: StackContext): string {
  return `cluster_name=${clusterName(context)}`;
}

function clusterName(context: StackContext): string {
  // Postgres cuts it at 63 bytes, but the command line keeps it whole.
  return join(context.root, 'postgres');
}

function launch(home: PostgresHome, context: StackContext): Launch {
  const budget = context.env['POSTGRES_MAX_SLOT_WAL_KEEP_SIZE'];
  const settings = {
    ...postgresSettings,
    // A smaller disk, or a test of what happens when it is full.
    ...(budget === undefined ? {} : { max_slot_wal_keep_size: budget }),
    listen_addresses: '127.0.0.1',
    port: context.env['POSTGRES_PORT'] ?? '',
    unix_socket_directories: '',
    cluster_name: clusterName(context),
    ...context.extras.postgres,
  };
  return {
    command: join(home.native, 'bin', 'postgres'),
    args: [
      '-D',
      home.data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { PATH: context.env['PATH'] ?? '', LANG: 'C.UTF-8', ...moreEnv(context, 'postgres') },
    cwd: home.data,
    ...home.user,
  };
}

/**
 * Makes the cluster beside its place and renames it when it is whole: an interrupted initdb leaves a folder that is removed,
 * not one that looks like data.
 */
function initialise(home: PostgresHome, context: StackContext): void {
  if (existsSync(join(home.data, 'PG_VERSION'))) return;
  const incoming = { ...home, data: `${home.data}-incoming` };
  const passwordFile = join(dirname(home.data), 'initdb-password');
  try {
    rmSync(incoming.data, { recursive: true, force: true });
    makeDataFolder(incoming);
    writeFileSync(passwordFile, `${context.env['POSTGRES_PASSWORD'] ?? ''}\n`, { mode: 0o600 });
    if (home.user !== undefined) chownSync(passwordFile, home.user.uid, home.user.gid);
    const args = [
      '-D',
      incoming.data,
      `--pwfile=${passwordFile}`,
      '--username=postgres',
      '--no-instructions',
      ...initdbOptions,
    ];
    const env = { PATH: context.env['PATH'] ?? '', LANG: 'C.UTF-8' };
    const result = spawnSync(join(home.native, 'bin', 'initdb'), args, {
      env,
      cwd: incoming.data,
      encoding: 'utf8',
      ...home.user,
    });
    if (result.status !== 0) throw initdbFailed(result);
    rmSync(home.data, { recursive: true, force: true });
    renameSync(incoming.data, home.data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function initdbFailed(result: { stdout: string | null; stderr: string | null; error?: Error }): StackError {
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd();
  return new StackError(
    'postgres',
    `initdb failed${result.error === undefined ? '' : `: ${result.error.message}`}`,
    {
      remedy: 'Mend the reason below and run: npm run stack -- up',
      lastLines: output.split('\n').slice(-8),
    },
  );
}

/**
 * After kill -9 of the server its children still notice and leave, and postmaster.pid stays. Waits for the children, and
 * removes the file if its pid is somebody else's by now, for which Postgres would refuse to start.
 */
async function forgetDeadServer(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  const command = commandOf(pid);
  if (command !== undefined && !command.includes(data)) rmSync(file);
  await delay(500);
}

async function acceptsQueries(context: StackContext): Promise<boolean> {
  const connectionString = superuserUrl(context.env);
  const pool = createPool({ connectionString, applicationName: 'stack', log: silentLog, max: 1 });
  try {
    await pool.query({ text: 'select 1' });
    return true;
  } catch (error) {
    if (sqlState(error) === '28P01') {
      throw new StackError('postgres', 'it refuses POSTGRES_PASSWORD: its data was made with another one', {
        remedy: 'Set the old password in .env, or lose the data: npm run stack -- down --wipe',
        cause: error,
      });
    }
    return false;
  } finally {
    await pool.end();
  }
}
