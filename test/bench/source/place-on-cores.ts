import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { pid as ownPid } from 'node:process';
import { describeError } from '../../../src/platform/errors.ts';
import { stackPids } from '../bench-stack.ts';
import { withChildren } from '../cpu-seconds.ts';

/** Who runs where: `shared`, all on all cores; `apart`, Postgres and its clients on the first core, everything else on the others. */
export type Cores = 'shared' | 'apart';

/**
 * With `apart`, what takes processor time beside the source takes none of the source's: so it is where reader and broker have machines of
 * their own. What a process starts later goes where it is.
 * @param relays processes beside those of the stack
 * @returns what gives everybody all cores again
 * @throws Error without taskset (of util-linux) or with one core only
 */
export function placeOnCores(cores: Cores, relays: Readonly<Record<string, number>>): () => Promise<void> {
  if (cores === 'shared') return () => Promise.resolve();
  const last = availableParallelism() - 1;
  if (last === 0) throw new Error('With one core nothing can be apart: give --cores shared.');
  const { postgres = 0, ...others } = { ...stackPids(), ...relays };
  const source = [...withChildren(postgres), ownPid];
  const rest = Object.values(others).flatMap(withChildren);
  for (const pid of source) moveTo('0', pid);
  for (const pid of rest) moveTo(`1-${last}`, pid);
  return () => {
    for (const pid of [...source, ...rest]) moveTo(`0-${last}`, pid);
    return Promise.resolve();
  };
}

/** With all of its threads. A backend of Postgres may have ended meanwhile. */
function moveTo(cores: string, pid: number): void {
  try {
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)], { encoding: 'utf8' });
  } catch (error) {
    const text = describeError(error);
    if (!text.includes('No such process'))
      throw new Error(`A process can't be moved to cores ${cores}: ${text}`, { cause: error });
  }
}
