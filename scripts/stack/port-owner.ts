import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './stack-error.ts';

const RELEASED_WITHIN_MS = 5_000;

/** Throws when the part could not listen on the port, naming the process that holds it where the system tells. */
export async function assertPortFree(part: string, variable: string, port: number): Promise<void> {
  if (!Number.isInteger(port)) {
    throw new StackError(part, `${variable} is not a port`, {
      remedy: 'Set it in .env or, for everyone, in .env.example.',
    });
  }
  const code = await tryListenFor(port, RELEASED_WITHIN_MS);
  if (code === undefined) return;
  if (code !== 'EADDRINUSE') {
    throw new StackError(part, `cannot listen on port ${port} (${code})`, {
      remedy: `Set ${variable} to another port in .env.`,
    });
  }
  const owner = findPortOwner(port);
  const who = owner === undefined ? 'another process' : `process ${owner.pid} (${owner.command})`;
  throw new StackError(part, `port ${port} is in use by ${who}`, {
    remedy: `Stop it, or set ${variable} to another port in .env.`,
  });
}

/** A killed process has no name any more while the system still closes its sockets: that port is about to be free. */
async function tryListenFor(port: number, milliseconds: number): Promise<string | undefined> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const code = await tryListen(port);
    if (code !== 'EADDRINUSE' || findPortOwner(port) !== undefined || Date.now() > deadline) return code;
    await delay(50);
  }
}

function tryListen(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** The process listening on a TCP port, if the system lets us see it. */
export function findPortOwner(port: number): PortOwner | undefined {
  try {
    const pid = existsSync('/proc/net/tcp') ? pidFromProc(port) : pidFromLsof(port);
    return pid === undefined ? undefined : { pid, command: shorten(commandOf(pid) ?? 'unknown') };
  } catch {
    return undefined; // only the name in a message
  }
}

function pidFromProc(port: number): number | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)));
  if (inodes.size === 0) return undefined;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

function listeningInodes(file: string, port: number): string[] {
  if (!existsSync(file)) return [];
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) === true && columns[3] === '0A')
    .map((columns) => columns[9] ?? '');
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const match = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`));
      return match?.[1] === undefined ? [] : [match[1]];
    });
  } catch {
    return []; // not ours to look into, or gone meanwhile
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function pidFromLsof(port: number): number | undefined {
  const output = execFileSync('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], { encoding: 'utf8' });
  const pid = Number.parseInt(output, 10);
  return Number.isNaN(pid) ? undefined : pid;
}

/** The command line of a live process (not of a zombie), or undefined. */
export function commandOf(pid: number): string | undefined {
  try {
    const text = existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return text.trim() === '' ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

function shorten(command: string): string {
  return command.length <= 80 ? command : `${command.slice(0, 77)}...`;
}
