import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { localEnv } from '../local-env.ts';
import { lastLogLines } from './detached-process.ts';
import { ensureJava } from './ensure-java.ts';
import { missingJars } from './jars.ts';
import { parseArguments, type Arguments } from './parse-arguments.ts';
import { showProgress } from './show-progress.ts';
import { checkout, createStack, type Stack } from './stack.ts';
import { StackError } from './stack-error.ts';

const usage = `Usage: npm run stack -- <command> [part] [options]

  up [part]        start the stack (or one part and what it needs); harmless when it runs
  down [part]      stop it; --wipe removes all data as well
  status           one line a part; exit code 1 unless all are healthy
  logs [part]      the last lines; -f follows, -n <lines>

  parts: postgres, kafka, registry, connect; kafka-2, kafka-3 and connect-2 where .env gives them ports
  --yes            install a missing JDK or Maven without asking (Debian and Ubuntu, as root)
`;

/** Resolves to the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const args = parseArguments(words);
  if (args === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const env = localEnv();
  const progress = showProgress(process.stdout);
  try {
    const stack = createStack({ root: '.stack', env, report: progress.report });
    return await run(args, stack, env);
  } catch (error) {
    progress.close();
    // A StackError says what to do; anything else is a bug here, and its trace is wanted.
    if (!(error instanceof StackError)) throw error;
    process.stderr.write(`${error.describe()}\n`);
    return 1;
  } finally {
    progress.close();
  }
}

async function run(args: Arguments, stack: Stack, env: Record<string, string>): Promise<number> {
  const names = args.part === undefined ? undefined : [args.part];
  switch (args.command) {
    case 'up': {
      const needsMaven = missingJars(`${checkout}.stack/jars`).length > 0;
      await ensureJava({ env, yes: args.flags.has('--yes'), needsMaven, log: (line) => console.log(line) });
      await stack.up(names);
      return 0;
    }
    case 'down':
      await stack.down({ wipe: args.flags.has('--wipe'), ...(names === undefined ? {} : { names }) });
      return 0;
    case 'status':
      return printStatus(stack);
    case 'logs':
      await printLogs(stack, args);
      return 0;
  }
}

async function printStatus(stack: Stack): Promise<number> {
  const parts = await stack.status();
  for (const { name, healthy, pid, port } of parts) {
    const state = healthy ? 'healthy' : pid === undefined ? 'not running' : 'running, not healthy';
    console.log(
      `${healthy ? '✓' : '✗'} ${name.padEnd(10)} ${state.padEnd(22)} port ${port}${pid === undefined ? '' : `, pid ${pid}`}`,
    );
  }
  return parts.every(({ healthy }) => healthy) ? 0 : 1;
}

async function printLogs(stack: Stack, { part, flags, lines }: Arguments): Promise<void> {
  const parts = stack.resources.filter(({ name }) => part === undefined || name === part);
  const prefix = (name: string): string => (parts.length === 1 ? '' : `${name.padEnd(9)}| `);
  for (const { name, logFile } of parts) {
    for (const line of lastLogLines(logFile, lines)) console.log(`${prefix(name)}${line}`);
  }
  if (!flags.has('-f')) return;
  await Promise.all(parts.map(({ name, logFile }) => follow(logFile, prefix(name))));
}

/** Prints what is appended, until the process is ended. A file that shrinks was wiped or rotated: begins anew. */
async function follow(file: string, prefix: string): Promise<never> {
  let position = existsSync(file) ? statSync(file).size : 0;
  for (;;) {
    await delay(200);
    const size = existsSync(file) ? statSync(file).size : 0;
    if (size < position) position = 0;
    if (size === position) continue;
    const buffer = Buffer.alloc(size - position);
    const fd = openSync(file, 'r');
    readSync(fd, buffer, 0, buffer.length, position);
    closeSync(fd);
    position = size;
    for (const line of buffer.toString().trimEnd().split('\n')) console.log(`${prefix}${line}`);
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
