import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in these, whatever the machine (USER_HZ). */
const TICKS_A_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
  /** Of children that have ended and were waited for. */
  readonly endedTicks: number;
}

/**
 * Processor time that each of these processes has used so far, in seconds, with its children and theirs. Undefined where the
 * system has no /proc.
 */
export function cpuSeconds<Name extends string>(
  pids: Readonly<Record<Name, number>>,
): Record<Name, number> | undefined {
  const processes = readProcesses();
  if (processes === undefined) return undefined;
  const seconds = (pid: number): number => ticksOf(processes, pid) / TICKS_A_SECOND;
  return Object.fromEntries(
    Object.entries<number>(pids).map(([name, pid]) => [name, seconds(pid)]),
  ) as Record<Name, number>;
}

/** Processor time that the whole machine has used so far, in seconds; undefined where the system has no /proc. */
export function machineCpuSeconds(): number | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
    return (user + nice + system + irq + softIrq) / TICKS_A_SECOND;
  } catch {
    return undefined;
  }
}

/** The process, its children and theirs; itself alone where the system has no /proc. */
export function withChildren(pid: number): number[] {
  const children = [...(readProcesses() ?? [])].filter(([, { parent }]) => parent === pid);
  return [pid, ...children.flatMap(([child]) => withChildren(child))];
}

function ticksOf(processes: ReadonlyMap<number, ProcessTimes>, pid: number): number {
  const own = processes.get(pid);
  if (own === undefined) return 0;
  const children = [...processes].filter(([, { parent }]) => parent === pid);
  return own.ticks + own.endedTicks + children.reduce((sum, [child]) => sum + ticksOf(processes, child), 0);
}

function readProcesses(): Map<number, ProcessTimes> | undefined {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(
      pids.flatMap((pid) => {
        const times = readProcess(pid);
        return times === undefined ? [] : [[Number(pid), times] as const];
      }),
    );
  } catch {
    return undefined;
  }
}

/** The second field of stat is the command in brackets, which may itself hold anything. */
function readProcess(pid: string): ProcessTimes | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = rest.slice(9, 13).map(Number);
    return { parent: Number(parent), ticks: user + system, endedTicks: endedUser + endedSystem };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
