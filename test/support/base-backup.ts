import { chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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
  copyFolder(data, home);
  const { rows } = await session.query<{ label: string }>(
    'select labelfile as label from pg_backup_stop(wait_for_archive => false)',
  );
  ownedBy(home, 'backup_label', (file) => writeFileSync(file, rows[0]?.label ?? '', { mode: 0o600 }));
}

function copyFolder(from: string, home: PostgresHome, path = ''): void {
  for (const entry of readdirSync(join(from, path), { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (leftOut.has(entry.name) || entry.name.startsWith('pgsql_tmp')) continue;
    if (entry.isDirectory()) {
      ownedBy(home, inner, (folder) => mkdirSync(folder, { mode: 0o700 }));
      if (!copiedEmpty.has(inner)) copyFolder(from, home, inner);
    } else copyIfThere(join(from, inner), home, inner);
  }
}

/** What is dropped meanwhile is dropped again in the replay. */
function copyIfThere(from: string, home: PostgresHome, path: string): void {
  try {
    ownedBy(home, path, (to) => copyFileSync(from, to));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Makes a file or folder of the cluster; as root it is given to the server's user. */
export function ownedBy({ data, user }: PostgresHome, path: string, make: (file: string) => void): void {
  const file = join(data, path);
  make(file);
  if (user !== undefined) chownSync(file, user.uid, user.gid);
}
