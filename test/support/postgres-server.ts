import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { postgres } from '../../scripts/stack/postgres.ts';
import { superuserUrl, type StackContext } from '../../scripts/stack/stack-context.ts';
import { checkout } from '../../scripts/stack/stack.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool, type PoolClient } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { stackValue, testStackEnv } from './test-stack.ts';

/** One of several Postgres servers of a test: where it listens, and where its data is. */
export interface PostgresServer {
  readonly port: number;
  readonly context: StackContext;
}

/** The one that the stack came up with. */
export const firstServer = (): PostgresServer => serverIn('', Number(stackValue('POSTGRES_PORT')));

/** Passwords and settings are those of the stack. */
export function serverIn(folder: string, port: number): PostgresServer {
  return {
    port,
    context: {
      root: join(checkout, stackValue('TEST_STACK_ROOT'), folder),
      jars: join(checkout, '.stack', 'jars'),
      env: { ...testStackEnv(), POSTGRES_PORT: String(port) },
      report: () => undefined,
      extras: {},
    },
  };
}

/** One session as the superuser, by the server's own port. */
export async function asSuperuser<T>(
  { context }: PostgresServer,
  work: (session: PoolClient) => Promise<T>,
): Promise<T> {
  const connectionString = superuserUrl(context.env);
  const pool = createPool({ connectionString, applicationName: 'test', log: silentLog, max: 1 });
  try {
    const session = await pool.connect();
    try {
      return await work(session);
    } finally {
      session.release();
    }
  } finally {
    await pool.end();
  }
}

/** As when the machine is gone: no process of it does anything any more. Left alone, its sessions would end what they are at. */
export async function killServer({ context }: PostgresServer): Promise<void> {
  const part = postgres(context);
  const server = part.pid();
  if (server === undefined) throw new Error('The server does not run.');
  for (const one of [server, ...childrenOf(server)]) kill(one);
  await waitUntil(() => part.pid() === undefined, { timeoutMs: 30_000, what: 'the server to be dead' });
}

function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number);
    return ppid === parent && pid !== undefined ? [pid] : [];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself, since its server is gone.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
