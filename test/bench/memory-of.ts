import { readdirSync, readFileSync } from 'node:fs';

/**
 * Megabytes of memory that each of these processes and its children hold, shared pages divided among those that share them (PSS).
 * Undefined where the system does not tell.
 */
export function memoryOf(
  pids: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> | undefined {
  const parents = readParents();
  if (parents === undefined) return undefined;
  const withChildren = (pid: number): number =>
    pssOf(pid) +
    [...parents]
      .filter(([, parent]) => parent === pid)
      .reduce((sum, [child]) => sum + withChildren(child), 0);
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, withChildren(pid) / 1024]));
}

/** In kilobytes; 0 for one that has ended. */
function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function readParents(): Map<number, number> | undefined {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(
      pids.flatMap((pid) => {
        try {
          const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
          return [[Number(pid), Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])] as const];
        } catch {
          return [];
        }
      }),
    );
  } catch {
    return undefined;
  }
}
