import type { Arm } from './arm.ts';
import { compareSettings } from './compare-options.ts';
import { measureArm } from './measure-arm.ts';

/**
 * The JVMs of broker and worker compile what they run most, and whoever came first would pay for it: a worker that has just started
 * costs an order twice as much as one that is warm. A load through the first of these arms, thrown away.
 */
export async function warmUpStack(
  [arm]: readonly Arm[],
  seconds: number,
  stopping: AbortSignal,
): Promise<void> {
  if (arm === undefined || seconds === 0) return;
  const settings = compareSettings({ rates: [], warmUpSeconds: seconds });
  await measureArm(arm, { ...settings, repeat: 0 }, stopping);
}
