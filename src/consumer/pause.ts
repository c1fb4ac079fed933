import { setTimeout as delay } from 'node:timers/promises';

/** Waits, but not longer than until the signal is aborted; the caller looks at the signal next. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
