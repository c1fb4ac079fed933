import { unlessStopped } from '../bench-stack.ts';
import type { Arm } from '../compare/arm.ts';
import { openBenchShop } from '../compare/bench-shop.ts';
import { Cleanup } from '../compare/cleanup.ts';
import { measureWindow } from '../compare/measure-window.ts';
import type { MeasuredWindow } from '../compare/measure-window.ts';
import { holdSnapshot } from './hold-snapshot.ts';
import type { LoadShape } from './load-shapes.ts';

export interface ShapeOptions {
  /** Orders a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly seed: number;
}

/** More than the most lines. */
export const SKUS = 1_000;
const WARM_UP_RATE = 200;
/** A transaction over many long orders may take seconds: quiet does not yet mean lost. */
const QUIET_MS = 15_000;

/** An arm from nothing: its shop, a warm-up of two-line orders that is thrown away, and one window of the shape. */
export async function measureShape(
  arm: Arm,
  shape: LoadShape,
  { rate, seconds, warmUpSeconds, seed }: ShapeOptions,
  stopping: AbortSignal,
): Promise<MeasuredWindow> {
  const { lines, skuCharacters, customers, holdsSnapshot, burst } = shape;
  const cleanup = new Cleanup();
  try {
    const shop = await openBenchShop({ skus: SKUS, skuCharacters });
    cleanup.add(() => shop.remove());
    stopping.throwIfAborted();
    const running = await arm.start(shop);
    cleanup.add(() => running.stop());
    const place = { arm, running, shop };
    const traffic = { customers, skus: SKUS, skuCharacters, seed };
    if (warmUpSeconds > 0)
      await unlessStopped(
        stopping,
        measureWindow(place, { ...traffic, rate: WARM_UP_RATE, seconds: warmUpSeconds }),
      );
    if (holdsSnapshot) cleanup.add(await holdSnapshot(shop.databases.orders));
    const patience = { withinMs: seconds * 1e3 + 2 * QUIET_MS, quietMs: QUIET_MS };
    return await unlessStopped(
      stopping,
      measureWindow(place, { ...traffic, lines, burst, rate, seconds, seed: seed + 10 }, patience),
    );
  } finally {
    await cleanup.run();
  }
}
