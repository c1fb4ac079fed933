import { CpuMeter } from './cpu-meter.ts';
import type { CpuReading } from './cpu-meter.ts';

/**
 * What a piece of work gives, and the processor seconds that it took: of the stack's parts, of `running` processes, and under the
 * name `own` of this process itself where that is part of the work.
 */
export async function meterWork<T>(
  { running = {}, own }: { running?: Readonly<Record<string, number>>; own?: string },
  work: () => Promise<T>,
): Promise<{ readonly result: T } & CpuReading> {
  const meter = new CpuMeter(running);
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const { cpu, busyElsewhere } = meter.read(running);
  const ofOwn = own === undefined ? {} : { [own]: (user + system) / 1e6 };
  return { result, cpu: cpu && { ...cpu, ...ofOwn }, busyElsewhere };
}
