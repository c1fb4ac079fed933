import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { format, promisify } from 'node:util';
import { outboxCommand } from '../../src/cli/outbox-command.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { silentLog } from '../../src/platform/log.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Printed {
  stdout: string;
  stderr: string;
}

/**
 * Runs `outbox <words>` to its end, here in this process: starting one takes a second. Several may run at once. Nothing but `env` is
 * its environment, and nobody is at its terminal.
 */
export async function runOutbox(words: readonly string[], env: Record<string, string>): Promise<Ended> {
  const printed: Printed = { stdout: '', stderr: '' };
  const restore = catchOutput();
  try {
    const argv = ['node', 'outbox', ...words];
    const code = await running.run(printed, () => runCommand(outboxCommand, { env, log: silentLog }, argv));
    return { code, ...printed };
  } finally {
    restore();
  }
}

/** Runs it as a process, as a person would; one that hangs is ended after two minutes. */
export async function runOutboxProcess(
  words: readonly string[],
  env: Record<string, string>,
): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['src/cli/outbox.ts', ...words], {
      env,
      timeout: 120_000,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

/** Where the output of the present call goes; what is printed outside of any is printed. */
const running = new AsyncLocalStorage<Printed>();
let callers = 0;
let putBack: (() => void)[] = [];

/** While any command runs. Jest's console and streams are put back afterwards. */
function catchOutput(): () => void {
  callers++;
  if (callers === 1) putBack = [catchConsole(), catchStream('stdout'), catchStream('stderr'), hideStdin()];
  return () => {
    callers--;
    if (callers === 0) for (const restore of putBack) restore();
  };
}

function catchConsole(): () => void {
  const { log, error } = console;
  const caught =
    (name: keyof Printed, print: typeof log): typeof log =>
    (...words: unknown[]) => {
      const printed = running.getStore();
      if (printed === undefined) print(...words);
      else printed[name] += `${format(...words)}\n`;
    };
  Object.assign(console, { log: caught('stdout', log), error: caught('stderr', error) });
  return () => {
    Object.assign(console, { log, error });
  };
}

/** Commander writes its help and its complaints there. */
function catchStream(name: keyof Printed): () => void {
  const stream = process[name];
  const own = Object.getOwnPropertyDescriptor(stream, 'write');
  const write = stream.write.bind(stream);
  const showTerminal = hideTerminal(stream);
  stream.write = ((...words: Parameters<typeof write>) => {
    const printed = running.getStore();
    if (printed === undefined) return write(...words);
    printed[name] += String(words[0]);
    return true;
  }) as typeof write;
  return () => {
    // Jest may have put one there before us; else it is the one that all streams have.
    if (own === undefined) Reflect.deleteProperty(stream, 'write');
    else Object.defineProperty(stream, 'write', own);
    showTerminal();
  };
}

const hideStdin = (): (() => void) => hideTerminal(process.stdin);

/** A command that is run by a test gives the same answer whether a person looks on or not. */
function hideTerminal(stream: { isTTY: boolean }): () => void {
  const { isTTY } = stream;
  Object.defineProperty(stream, 'isTTY', {
    configurable: true,
    enumerable: true,
    get: () => running.getStore() === undefined && isTTY,
  });
  return () => {
    Object.defineProperty(stream, 'isTTY', {
      configurable: true,
      enumerable: true,
      writable: true,
      value: isTTY,
    });
  };
}
