import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../src/platform/errors.ts';
import type { ResourceName } from '../stack/resource.ts';
import type { Stack } from '../stack/stack.ts';

const LOOK_EVERY_MS = 2_000;
/** Asking Connect costs it more than looking at a pid costs us, and a connector fails only after trying for a while. */
const ASK_CONNECT_EVERY_LOOKS = 5;

export interface StackWatch {
  restarts(): number;
  /** Resolves when nothing is being started any more. */
  stop(): Promise<void>;
}

/**
 * Looks every two seconds and brings dead parts of the stack up again; every ten, connectors that FAILED. A part that lives but does
 * not answer is left alone: it may be busy, and killing it would make things worse. What can't be started is tried again at
 * the next look.
 * @param options.mendConnectors restarts what failed and says what it did; undefined: all run, or Connect can't say
 */
export function watchStack(options: {
  stack: Stack;
  mendConnectors: () => Promise<string | undefined>;
  say: (line: string) => void;
}): StackWatch {
  const { stack, mendConnectors, say } = options;
  const stopping = new AbortController();
  let restarts = 0;
  let looks = 0;
  const look = async (): Promise<void> => {
    const dead = stack.resources.filter((part) => part.pid() === undefined).map(({ name }) => name);
    if (dead.length > 0) {
      restarts += dead.length;
      await bringUp(stack, dead, say);
    } else if (++looks % ASK_CONNECT_EVERY_LOOKS === 0) {
      const mended = await mendConnectors();
      if (mended !== undefined) say(mended);
    }
  };
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => say(`watching the stack: ${describeError(error)}`));
      await delay(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  return {
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function bringUp(
  stack: Stack,
  dead: readonly ResourceName[],
  say: (line: string) => void,
): Promise<void> {
  const names = dead.join(' and ');
  say(`${names} is not running any more; starting it again`);
  const began = performance.now();
  try {
    await stack.up(dead);
    say(`${names} is back after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    say(`${names} could not be started: ${describeError(error)}`);
  }
}
