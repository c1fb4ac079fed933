import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const sources = join(checkout, 'src', 'dashboard', 'page');
const target = join(checkout, '.stack', 'dashboard');
const mark = join(target, 'built-from');
const BUILD_WITHIN_MS = 120_000;

/** The folder of the built page, or the sentence that says why there is none. */
export type BuiltPage = { readonly folder: string } | { readonly problem: string };

/**
 * Builds the page into `.stack/dashboard`, unless it was built from these very sources. By a process of its own: what the bundler
 * needs of memory is given back. Two builds at once do not disturb each other; the last one stays.
 */
export async function buildPage(log: Log): Promise<BuiltPage> {
  const hash = hashOfSources();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return { folder: target };
  const beside = `${target}-${process.pid}`;
  try {
    const startedAt = Date.now();
    await mkdir(join(checkout, '.stack'), { recursive: true });
    await promisify(execFile)(
      process.execPath,
      [
        join(checkout, 'node_modules', 'vite', 'bin', 'vite.js'),
        'build',
        sources,
        ...['--outDir', beside, '--logLevel', 'warn'],
      ],
      { cwd: checkout, timeout: BUILD_WITHIN_MS },
    );
    await writeFile(join(beside, 'built-from'), hash);
    await rm(target, { recursive: true, force: true });
    await rename(beside, target);
    log.info({ ms: Date.now() - startedAt }, 'built the page');
    return { folder: target };
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    const problem = `The page could not be built: ${describeError(error)}`;
    log.error(problem);
    return { problem };
  }
}

/** Of everything that the page is made of; its libraries by the lock file. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  const ofPage = existsSync(sources)
    ? readdirSync(sources, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [];
  const state = join(checkout, 'src', 'dashboard', 'dashboard-state.ts');
  for (const file of [...ofPage, state, join(checkout, 'package-lock.json')])
    if (existsSync(file)) hash.update(`${relative(checkout, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}
