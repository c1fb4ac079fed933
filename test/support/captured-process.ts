import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../src/platform/wait-until.ts';

export interface CapturedProcess {
  /** Everything it printed, on both streams. */
  output(): string;
  prints(text: string): Promise<void>;
  /** @returns the exit code, null after a signal that killed it */
  ended(): Promise<number | null>;
  stop(): Promise<void>;
}

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** A program of this project as its own process, in an environment of which nothing is inherited. */
export function captureProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): CapturedProcess {
  const child = spawn(process.execPath, args, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  return {
    output: () => output,
    prints: async (text) => {
      await waitUntil(() => output.includes(text), {
        timeoutMs: 60_000,
        what: `${args.join(' ')} to print ${text}`,
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${output}`, { cause: error });
      });
    },
    ended: async () => {
      await exited;
      return child.exitCode;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
