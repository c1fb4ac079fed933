import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { PipelineCommands } from '../support/pipeline-commands.ts';

export interface Watching {
  stop: () => Promise<void>;
}

/** `outbox connectors watch --heal`: restarts tasks that FAILED, and is itself started again as a supervisor would. */
export function keepWatching(commands: PipelineCommands): Watching {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      child = commands.start(['connectors', 'watch', '--heal', '--heal-limit', '1000', '--heal-wait', '2s']);
      // Nobody reads it; a full pipe would stop it.
      child.stdout?.resume();
      child.stderr?.resume();
      await once(child, 'exit');
      await delay(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      child?.kill('SIGTERM');
      await running;
    },
  };
}
