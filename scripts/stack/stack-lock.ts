import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from './port-owner.ts';
import type { StackContext } from './stack-context.ts';

/** One `up` at a time per stack: two would start every part twice. The second one waits, and then finds all running. */
export async function withStackLock(context: StackContext, work: () => Promise<void>): Promise<void> {
  const file = join(context.root, 'run', 'up.lock');
  for (let waited = false; !tryLock(file); waited = true) {
    if (!waited)
      context.report({ part: 'stack', state: 'note', note: 'another "up" is under way; waiting for it' });
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
  if (!holderLives(file)) rmSync(file, { force: true }); // it died between its two lines; take the lock in the next round
  return false;
}

function holderLives(file: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid !== process.pid && /node/.test(commandOf(pid) ?? '');
  } catch {
    return true; // released meanwhile
  }
}
