import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from './port-owner.ts';
import { StackError } from './stack-error.ts';

const startLine = '--- started';
const maxLogBytes = 20 * 1024 * 1024;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A process that outlives the one that started it, known by its pid file. */
export interface DetachedProcess {
  readonly logFile: string;
  pid(): number | undefined;
  /** Starts it. `check` answers whether it is healthy; waits for that, for its death or for the deadline. */
  start(launch: Launch, check: () => Promise<boolean>, timeoutMs: number): Promise<void>;
  waitHealthy(check: () => Promise<boolean>, timeoutMs: number): Promise<void>;
  stop(signal: NodeJS.Signals, timeoutMs: number): Promise<void>;
}

/**
 * @param marker text that is in the command line of this part of this stack and of no other process: a pid in a file left by
 * a crash or a reboot may belong to somebody else by now, and must be neither trusted nor killed.
 */
export function detachedProcess(options: {
  name: string;
  marker: string;
  pidFile: string;
  logFile: string;
}): DetachedProcess {
  const { name, marker, pidFile, logFile } = options;

  function pid(): number | undefined {
    if (!existsSync(pidFile)) return undefined;
    const candidate = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    if (Number.isNaN(candidate)) return undefined;
    return commandOf(candidate)?.includes(marker) === true ? candidate : undefined;
  }

  async function waitHealthy(check: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (pid() === undefined) throw died(name, logFile);
      if (await check()) return;
      if (Date.now() > deadline) throw hung(name, logFile, timeoutMs);
      await delay(100);
    }
  }

  async function start(launch: Launch, check: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const cause = await spawnDetached(launch, { pidFile, logFile });
    if (cause !== undefined) {
      throw new StackError(name, `cannot be run: ${cause.message}`, {
        remedy: `Check that ${launch.command} exists and may be run by this user.`,
        cause,
      });
    }
    await waitHealthy(check, timeoutMs);
  }

  async function stop(signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
    const running = pid();
    if (running !== undefined) {
      kill(running, signal);
      if (!(await gone(pid, timeoutMs))) {
        kill(running, 'SIGKILL');
        await gone(pid, 5000);
      }
    }
    rmSync(pidFile, { force: true });
  }

  return { logFile, pid, start, waitHealthy, stop };
}

function died(name: string, logFile: string): StackError {
  // What it said of its end may lie behind this.
  const reason = lastLogLines(logFile, 200).findLast((line) => /FATAL|ERROR|Exception/.test(line));
  return new StackError(name, `died while starting${reason === undefined ? '' : ` (${reason.trim()})`}`, {
    remedy: `Mend the cause, for which see ${logFile}, and run: npm run stack -- up`,
    lastLines: lastLogLines(logFile, 12),
  });
}

function hung(name: string, logFile: string, timeoutMs: number): StackError {
  return new StackError(name, `did not become healthy within ${timeoutMs / 1000} s`, {
    remedy: `Read ${logFile}, then run: npm run stack -- down ${name} && npm run stack -- up`,
    lastLines: lastLogLines(logFile, 12),
  });
}

/** Resolves to the reason if the program could not be run at all. */
async function spawnDetached(
  launch: Launch,
  files: { pidFile: string; logFile: string },
): Promise<Error | undefined> {
  mkdirSync(dirname(files.pidFile), { recursive: true });
  mkdirSync(dirname(files.logFile), { recursive: true });
  if (existsSync(files.logFile) && statSync(files.logFile).size > maxLogBytes)
    renameSync(files.logFile, `${files.logFile}.1`);
  const log = openSync(files.logFile, 'a');
  try {
    writeSync(log, `${startLine} ${new Date().toISOString()}\n`);
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(launch.uid === undefined ? {} : { uid: launch.uid }),
      ...(launch.gid === undefined ? {} : { gid: launch.gid }),
    });
    // Dying between spawn and this line leaves a process without a pid file; the next `up` finds its port taken and names it.
    if (child.pid !== undefined) writeFileSync(files.pidFile, `${child.pid}\n`);
    child.unref();
    return await new Promise((resolve) => {
      child.once('spawn', () => resolve(undefined));
      child.once('error', resolve);
    });
  } finally {
    closeSync(log);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function gone(pid: () => number | undefined, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (pid() !== undefined) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

/** The last lines of the newest run in a log, without stack frames: those hide the reason. */
export function lastLogLines(logFile: string, count: number): string[] {
  if (!existsSync(logFile)) return [];
  const text = readFileSync(logFile, 'utf8');
  const lines = text
    .slice(Math.max(0, text.lastIndexOf(startLine)))
    .trimEnd()
    .split('\n');
  return lines.filter((line) => !/^\s+(at |\.\.\. \d+ more)/.test(line) && line.trim() !== '').slice(-count);
}
