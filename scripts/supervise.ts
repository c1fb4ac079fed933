import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const STOP_WITHIN_MS = 12_000;
/** A process that lives shorter than this is started again with a growing pause, so that a broken one does not spin. */
const SHORT_LIFE_MS = 5_000;
const LONGEST_PAUSE_MS = 5_000;

export interface SupervisedCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its output is appended; undefined prints it here. */
  readonly logFile: string | undefined;
}

/** A Node process that is started again whenever it ends, until `stop`. */
export interface Supervised {
  readonly name: string;
  readonly logFile: string | undefined;
  pid(): number | undefined;
  /** How often it was started again. */
  restarts(): number;
  /** Asks it to end (SIGTERM), and makes it (SIGKILL) after 12 s. */
  stop(): Promise<void>;
}

/**
 * Starts a process and keeps it running. It gets its own process group, so that Ctrl-C reaches only the supervisor, which then
 * stops its processes in order. If the supervisor is killed (SIGKILL) its processes live on.
 */
export function supervise(command: SupervisedCommand, say: (line: string) => void): Supervised {
  let child = start(command);
  let startedAt = Date.now();
  let restarts = 0;
  let pause = 0;
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      const reason = await ended(child);
      if (stopping.signal.aborted) return;
      pause = Date.now() - startedAt < SHORT_LIFE_MS ? Math.min(pause * 2 + 250, LONGEST_PAUSE_MS) : 0;
      say(`${command.name} ${reason}; starting it again${pause === 0 ? '' : ` in ${pause / 1000} s`}`);
      try {
        await delay(pause, undefined, { signal: stopping.signal });
      } catch {
        return;
      }
      child = start(command);
      startedAt = Date.now();
      restarts += 1;
    }
  };
  const watching = watch();
  return {
    name: command.name,
    logFile: command.logFile,
    pid: () => (child.exitCode === null && child.signalCode === null ? child.pid : undefined),
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await watching;
      clearTimeout(force);
    },
  };
}

function start({ args, env, logFile }: SupervisedCommand): ChildProcess {
  if (logFile === undefined)
    return spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    return spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', log, log] });
  } finally {
    // The child has its own copy.
    closeSync(log);
  }
}

async function ended(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return `exited with code ${child.exitCode}`;
  if (child.signalCode !== null) return `was killed (${child.signalCode})`;
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exited with code ${String(code)}` : `was killed (${signal})`),
    );
  });
}

const logLineSchema = z.object({ msg: z.string() });

/** What a process said last: the message of its last log line, or the line itself where it is not one. */
export function lastWords(logFile: string): string {
  const line = existsSync(logFile) ? (readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '') : '';
  try {
    return logLineSchema.parse(JSON.parse(line)).msg;
  } catch {
    return line;
  }
}
