import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { StackError } from './stack-error.ts';

const oldestJava = 17;

export interface EnsureJavaOptions {
  readonly env: Record<string, string>;
  /** Install without asking (`--yes`; CI=true does too). */
  readonly yes: boolean;
  /** Maven is needed while the jar cache lacks something. */
  readonly needsMaven: boolean;
  readonly log: (line: string) => void;
}

/**
 * Makes sure of a JDK and, if jars must be fetched, of Maven. On Debian and Ubuntu as root it installs what is missing, after
 * asking or with `yes`; anywhere else it throws a StackError with the command to run.
 */
export async function ensureJava(options: EnsureJavaOptions): Promise<void> {
  const missing = missingTools(options.env, options.needsMaven);
  if (missing.length === 0) return;
  const install = installCommand(osRelease());
  if (install === undefined || !isRoot() || !(await agreed(missing, install, options)))
    throw missingError(missing);
  options.log(`Installing: ${install}`);
  run('apt-get update');
  run(install);
  assertJava(options.env, options.needsMaven);
}

/** Throws a StackError with the command to run if a JDK or, where needed, Maven is missing. Installs nothing. */
export function assertJava(env: Record<string, string>, needsMaven: boolean): void {
  const missing = missingTools(env, needsMaven);
  if (missing.length > 0) throw missingError(missing);
}

const areMissing = (missing: readonly string[]): string =>
  `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;

function missingError(missing: readonly string[]): StackError {
  const install = installCommand(osRelease());
  const remedy =
    install === undefined
      ? 'Install a JDK (17 or later) and Maven, and put java and mvn on the PATH.'
      : `Run: ${isRoot() ? '' : 'sudo '}${install}`;
  return new StackError('stack', areMissing(missing), { remedy });
}

/** The command that installs both, on systems where we know it. Debian 13 has no JDK 17 any more. */
export function installCommand(release: string | undefined): string | undefined {
  if (release === undefined || !/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return undefined;
  const debian = /^ID=debian$/m.test(release) ? Number(/^VERSION_ID="?(\d+)/m.exec(release)?.[1] ?? '0') : 0;
  return `apt-get install -y openjdk-${debian >= 13 ? 21 : 17}-jdk-headless maven`;
}

function missingTools(env: Record<string, string>, needsMaven: boolean): string[] {
  const java = javaVersion(env);
  return [
    ...(java === undefined
      ? ['java']
      : java < oldestJava
        ? [`java ${oldestJava} or later (found ${java})`]
        : []),
    ...(needsMaven && spawnSync('mvn', ['-v'], { env }).status !== 0 ? ['mvn'] : []),
  ];
}

/** Where java is: JAVA_HOME wins over the PATH, as for Maven. */
export function javaCommand(env: Record<string, string>): string {
  const home = env['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : `${home}/bin/java`;
}

function javaVersion(env: Record<string, string>): number | undefined {
  const result = spawnSync(javaCommand(env), ['-version'], { env, encoding: 'utf8' });
  const major = /version "(\d+)/.exec(result.status === 0 ? result.stderr : '')?.[1];
  return major === undefined ? undefined : Number(major);
}

async function agreed(
  missing: readonly string[],
  install: string,
  options: EnsureJavaOptions,
): Promise<boolean> {
  if (options.yes || options.env['CI'] === 'true') return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes)?$/i.test(
      (await terminal.question(`${areMissing(missing)}. Run "${install}" now? [Y/n] `)).trim(),
    );
  } finally {
    terminal.close();
  }
}

function run(command: string): void {
  const [program = '', ...args] = command.split(' ');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0)
    throw new StackError('java', `"${command}" failed`, { remedy: 'Read its output above.' });
}

function osRelease(): string | undefined {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : undefined;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
