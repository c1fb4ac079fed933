import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataFolder, type PostgresHome } from '../../scripts/stack/postgres-home.ts';
import type { PoolClient } from '../../src/platform/postgres/pool.ts';

/** Of the running server alone, or made anew; the log comes by replication. */
const leftOut = new Set(['postmaster.pid', 'postmaster.opts', 'pg_internal.init']);
const copiedEmpty = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
]);

/**
 * What pg_basebackup does, which is not among the binaries: the data folder is copied while the server writes to it, and its label
 * says from where the log must be replayed. A slot must keep that log.
 * @param session stays the same from begin to end, as Postgres demands
 */
export async function baseBackup(session: PoolClient, data: string, home: PostgresHome): Promise<void> {
  await session.query('select pg_backup_start($1, fast => true)', ['standby']);
  makeDataFolder(home);
  await copyFolder(data, home);
  const { rows } = await session.query<{ label: string }>(
    'select labelfile as label from pg_backup_stop(wait_for_archive => false)',
  );
  await ownedBy(home, 'backup_label', (file) => writeFile(file, rows[0]?.label ?? '', { mode: 0o600 }));
}

/** Not synchronously: the test's proxies run in this process. */
async function copyFolder(from: string, home: PostgresHome, path = ''): Promise<void> {
  for (const entry of await readdir(join(from, path), { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (leftOut.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue;
    if (entry.isDirectory()) {
      await ownedBy(home, inner, (folder) => mkdir(folder, { mode: 0o700 }));
      if (!copiedEmpty.has(inner)) await copyFolder(from, home, inner);
    } else await copyIfThere(join(from, inner), home, inner);
  }
}

/** What is dropped meanwhile is dropped again in the replay. */
async function copyIfThere(from: string, home: PostgresHome, path: string): Promise<void> {
  try {
    await ownedBy(home, path, (to) => copyFile(from, to));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Makes a file or folder of the cluster; as root it is given to the server's user. */
export async function ownedBy(
  { data, user }: PostgresHome,
  path: string,
  make: (file: string) => Promise<unknown>,
): Promise<void> {
  const file = join(data, path);
  await make(file);
  if (user !== undefined) await chown(file, user.uid, user.gid);
}
