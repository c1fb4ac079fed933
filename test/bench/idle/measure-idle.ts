import { setTimeout as delay } from 'node:timers/promises';
import { stackPids, unlessStopped } from '../bench-stack.ts';
import type { Arm } from '../compare/arm.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { sendOpenLoop } from '../compare/open-loop.ts';
import { planOrders } from '../compare/plan-orders.ts';
import { cpuSeconds } from '../cpu-seconds.ts';
import { memoryOf } from '../memory-of.ts';

export interface Idle {
  readonly arm: string;
  /** Share of one core, by process. */
  readonly cores: Readonly<Record<string, number>>;
  /** Megabytes, by process. */
  readonly memory: Readonly<Record<string, number>>;
}

const SHOP = { customers: 30_000, skus: 1_000 };
/** After the last order: whatever is done later than that belongs to waiting. */
const SETTLE_MS = 10_000;

/** What an arm costs when nobody orders. @throws Error where the system has no /proc */
export async function measureIdle(
  arm: Arm,
  { seconds }: { readonly seconds: number },
  stopping: AbortSignal,
): Promise<Idle> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop(SHOP);
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const running = await arm.start(shop);
    cleanup.add(() => running.stop());
    const some = planOrders({ ...SHOP, rate: 100, seconds: 5, seed: 1 });
    await unlessStopped(stopping, sendOpenLoop(running.ordersUrl, some));
    await delay(SETTLE_MS, undefined, { signal: stopping });
    const pids = { ...stackPids(), ...running.pids };
    const before = cpuSeconds(pids);
    await delay(seconds * 1e3, undefined, { signal: stopping });
    const after = cpuSeconds(pids);
    const memory = memoryOf(pids);
    if (before === undefined || after === undefined || memory === undefined)
      throw new Error('This system does not tell what processes use: there is no /proc.');
    const cores = Object.entries(after).map(([name, used]) => [name, (used - (before[name] ?? 0)) / seconds]);
    return { arm: arm.name, cores: Object.fromEntries(cores) as Record<string, number>, memory };
  } finally {
    await cleanup.run();
  }
}
