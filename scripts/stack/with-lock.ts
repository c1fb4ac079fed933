import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from './port-owner.ts';

/**
 * Runs the work while holding a lock file, one process at a time. The file names its holder: one left behind by a process
 * that died is taken over.
 */
export async function withLock(file: string, onWait: () => void, work: () => Promise<void>): Promise<void> {
  for (let waited = false; !tryLock(file); waited = true) {
    if (!waited) onWait();
    await delay(200);
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (holderLives(file)) return false;
  rmSync(file, { force: true }); // it died before it could
  return tryLock(file);
}

function holderLives(file: string): boolean {
  try {
    return /node/.test(commandOf(Number.parseInt(readFileSync(file, 'utf8'), 10)) ?? '');
  } catch {
    return true; // released meanwhile
  }
}
