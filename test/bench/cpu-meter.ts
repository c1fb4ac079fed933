import { stackPids } from './bench-stack.ts';
import { cpuSeconds, machineCpuSeconds } from './cpu-seconds.ts';

export interface CpuReading {
  /** Seconds of each process; undefined where the system has no /proc. */
  readonly cpu: Readonly<Record<string, number>> | undefined;
  /** Processors that something else kept busy, on average. */
  readonly busyElsewhere: number | undefined;
}

/** Counts processor time from the moment it is made, of the stack's parts, of `running` ones, and of processes that started since. */
export class CpuMeter {
  readonly #began = performance.now();
  readonly #before: Readonly<Record<string, number>> | undefined;
  readonly #machine = machineCpuSeconds();
  readonly #own = process.cpuUsage();

  constructor(running: Readonly<Record<string, number>> = {}) {
    this.#before = cpuSeconds({ ...stackPids(), ...running });
  }

  /** @param started what was running, and what was started since */
  read(started: Readonly<Record<string, number>>): CpuReading {
    const now = cpuSeconds({ ...stackPids(), ...started });
    const machine = machineCpuSeconds();
    if (now === undefined || machine === undefined) return { cpu: undefined, busyElsewhere: undefined };
    const cpu = Object.fromEntries(
      Object.entries(now).map(([name, seconds]) => [name, seconds - (this.#before?.[name] ?? 0)]),
    );
    const { user, system } = process.cpuUsage(this.#own);
    const known = Object.values(cpu).reduce((sum, seconds) => sum + seconds, (user + system) / 1e6);
    const seconds = (performance.now() - this.#began) / 1e3;
    return { cpu, busyElsewhere: (machine - (this.#machine ?? 0) - known) / seconds };
  }
}
