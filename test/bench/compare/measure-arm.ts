import { unlessStopped } from '../bench-stack.ts';
import type { Arm } from './arm.ts';
import { openBenchShop } from './bench-shop.ts';
import { Cleanup } from './cleanup.ts';
import type { CompareOptions } from './compare-options.ts';
import { measureWindow } from './measure-window.ts';
import type { MeasuredWindow } from './measure-window.ts';
import type { Traffic } from './plan-orders.ts';

/** Warm-up at this rate: enough to have everything compiled, and held by every arm. */
const WARM_UP_RATE = 200;

/**
 * One arm from nothing: its shop, a warm-up that is thrown away, then a window for each rate. A rate that it does not hold ends
 * it: what waits would spoil the next one.
 * @param onWindow called after each
 */
export async function measureArm(
  arm: Arm,
  options: CompareOptions & { readonly repeat: number; readonly retained?: number },
  stopping: AbortSignal,
  onWindow: (window: MeasuredWindow) => void = () => undefined,
): Promise<MeasuredWindow[]> {
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop(options);
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const running = await arm.start(shop);
    cleanup.add(() => running.stop());
    const measure = (traffic: Traffic) =>
      unlessStopped(stopping, measureWindow({ arm, running, shop }, traffic));
    // Each repeat sends other orders, each arm the same.
    const seed = options.seed + 1_000 * options.repeat;
    const traffic = { customers: options.customers, skus: options.skus, seed };
    if (options.warmUpSeconds > 0)
      await measure({ ...traffic, rate: WARM_UP_RATE, seconds: options.warmUpSeconds });
    const windows: MeasuredWindow[] = [];
    for (const [i, rate] of options.rates.entries()) {
      const window = await measure({ ...traffic, rate, seconds: options.seconds, seed: seed + 10 * (i + 1) });
      windows.push(window);
      onWindow(window);
      if (window.stages === undefined) break;
    }
    return windows;
  } finally {
    await cleanup.run();
  }
}
