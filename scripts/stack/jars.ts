import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './resource.ts';
import { StackError } from './stack-error.ts';
import { withLock } from './with-lock.ts';

export const jarSets = ['kafka', 'debezium', 'registry'] as const;
export type JarSet = (typeof jarSets)[number];

export function pomFile(set: JarSet): string {
  return fileURLToPath(new URL(`jars/${set}/pom.xml`, import.meta.url));
}

/** Folder of one set of jars: named after its pom, so that a changed version is another folder and never a mixture. */
export function jarFolder(cache: string, set: JarSet): string {
  const hash = createHash('sha256')
    .update(readFileSync(pomFile(set)))
    .digest('hex')
    .slice(0, 12);
  return join(cache, `${set}-${hash}`);
}

export function missingJars(cache: string): JarSet[] {
  return jarSets.filter((set) => !existsSync(jarFolder(cache, set)));
}

/**
 * Fetches with Maven what the cache does not hold yet. A set appears under its name by a rename, when it is whole: an
 * interrupted fetch leaves a folder `incoming-*`, which the next one removes.
 */
export async function fetchJars(cache: string, env: Record<string, string>, report: Report): Promise<void> {
  if (missingJars(cache).length === 0) return;
  mkdirSync(cache, { recursive: true });
  const onWait = (): void =>
    report({ part: 'jars', state: 'note', note: 'another stack is fetching them; waiting for it' });
  // One at a time, also over all stacks: Maven 3 processes sharing one local repository may spoil each other's downloads.
  await withLock(join(cache, 'fetch.lock'), onWait, async () => {
    for (const name of readdirSync(cache).filter((entry) => entry.startsWith('incoming-'))) {
      rmSync(join(cache, name), { recursive: true, force: true });
    }
    for (const set of missingJars(cache)) await fetchSet(cache, set, env, report);
  });
}

async function fetchSet(
  cache: string,
  set: JarSet,
  env: Record<string, string>,
  report: Report,
): Promise<void> {
  const began = Date.now();
  const part = `jars of ${set}`;
  const incoming = mkdtempSync(join(cache, `incoming-${set}-`));
  try {
    report({ part, state: 'fetching' });
    const files = await runMaven(set, incoming, env, (note) => report({ part, state: 'fetching', note }));
    renameSync(incoming, jarFolder(cache, set));
    report({ part, state: 'ready', seconds: (Date.now() - began) / 1000, note: `${files} files downloaded` });
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}

/** Resolves to the number of files downloaded; Maven's own cache may have held them all. */
function runMaven(
  set: JarSet,
  folder: string,
  env: Record<string, string>,
  progress: (note: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = ['-B', '-f', pomFile(set), 'package', `-Djars.folder=${folder}`];
    const maven = spawn('mvn', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let files = 0;
    const read = (chunk: Buffer): void => {
      const text = chunk.toString();
      output = (output + text).slice(-8000);
      const downloaded = text.match(/Downloaded from .*\/(\S+) \(/g) ?? [];
      if (downloaded.length === 0) return;
      files += downloaded.length;
      progress(`${files} files`);
    };
    maven.stdout.on('data', read);
    maven.stderr.on('data', read);
    maven.on('error', (cause) => reject(mavenFailed(set, cause.message, cause)));
    maven.on('close', (code) => (code === 0 ? resolve(files) : reject(mavenFailed(set, firstError(output)))));
  });
}

function firstError(output: string): string {
  const line = output.split('\n').find((text) => text.startsWith('[ERROR]')) ?? 'mvn failed without a reason';
  return line.replace('[ERROR] ', '').slice(0, 400);
}

function mavenFailed(set: JarSet, reason: string, cause?: unknown): StackError {
  return new StackError(`jars of ${set}`, `Maven could not fetch them: ${reason}`, {
    remedy:
      'Check the network, and a proxy or mirror in ~/.m2/settings.xml; run again, finished downloads are kept.',
    cause,
  });
}
