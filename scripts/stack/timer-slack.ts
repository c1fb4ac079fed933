import { platform } from 'node:process';
import type { Launch } from './detached-process.ts';

/** How much later than it was to a timed wait of the Connect worker may end. */
export const workerTimerSlackNs = 1_000_000;

/**
 * What starts `launch` so that the kernel may end its timed waits that much later. Debezium waits for changes in whole milliseconds,
 * rounded down, and spins through what is left of the last one, again and again (ChangeEventQueue.poll in 3.7.0): a wait that ends a
 * millisecond late leaves nothing to spin through. Only time-outs come later; what is waited for and comes is as quick as before
 * (proc_pid_timerslack_ns(5)). Threads inherit it from the one that starts them. Where it can't be set, the program runs without.
 */
export function withTimerSlack({ command, args, ...launch }: Launch, nanoseconds: number): Launch {
  if (platform !== 'linux') return { command, args, ...launch };
  const script = '{ echo "$0" > /proc/$$/timerslack_ns; } 2> /dev/null; exec "$@"';
  return { ...launch, command: '/bin/sh', args: ['-c', script, String(nanoseconds), command, ...args] };
}
