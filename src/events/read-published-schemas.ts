import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PublishedSchemas } from './edited-schemas.ts';
import type { SchemaText } from './read-schema-folder.ts';

/** What git knows of the schemas at a commit, or why nothing could be compared. */
export type PublishedIn = { readonly published: readonly PublishedSchemas[] } | { readonly skipped: string };

interface Git {
  /** What it prints. */
  say(...words: string[]): Promise<string>;
  /** Contents by id, in one process however many there are. */
  blobs(ids: readonly string[]): Promise<string[]>;
}

/**
 * The schemas as published on `ref` (or `origin/<ref>`). On a branch: what `ref` has now, and what it had when the branch left it;
 * only the latter must be kept, since `ref` may have got new files since. On `ref` itself a committed edit would be compared with
 * itself, so its parent counts too.
 * @param schemas the folder of schemas; it need not be in a repository
 */
export async function readPublishedSchemas(schemas: URL, ref: string): Promise<PublishedIn> {
  const git = gitIn(fileURLToPath(schemas));
  try {
    const inside = await git.say('rev-parse', '--is-inside-work-tree');
    if (inside !== 'true') return { skipped: 'the schemas are in no git work tree' };
  } catch (error) {
    return { skipped: reasonOf(error) };
  }
  const found = (await commitOf(git, ref)) ?? (await commitOf(git, `origin/${ref}`));
  if (found === undefined) return { skipped: `git has no commit ${ref} here` };
  const published: PublishedSchemas[] = [];
  for (const { name, commit, mustBeKept } of await commitsToCompare(git, found)) {
    published.push({ commit: name, files: await filesAt(git, commit), mustBeKept });
  }
  return { published };
}

/** A shallow clone has neither parent nor common ancestor; then the commit itself is all there is to compare with. */
async function commitsToCompare(
  git: Git,
  found: Commit,
): Promise<readonly (Commit & { mustBeKept: boolean })[]> {
  const head = await commitOf(git, 'HEAD');
  const isHead = head?.commit === found.commit;
  const earlier = isHead ? await commitOf(git, 'HEAD^') : await mergeBase(git, found.commit);
  const first = { ...found, mustBeKept: isHead };
  return earlier === undefined || earlier.commit === found.commit
    ? [{ ...first, mustBeKept: first.mustBeKept || earlier !== undefined }]
    : [first, { ...earlier, mustBeKept: true }];
}

interface Commit {
  readonly name: string;
  readonly commit: string;
}

async function commitOf(git: Git, name: string): Promise<Commit | undefined> {
  try {
    return {
      name,
      commit: await git.say('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`),
    };
  } catch {
    return undefined;
  }
}

async function mergeBase(git: Git, commit: string): Promise<Commit | undefined> {
  try {
    const base = await git.say('merge-base', commit, 'HEAD');
    return { name: base.slice(0, 10), commit: base };
  } catch {
    return undefined;
  }
}

/** Paths are relative to the folder of schemas, as git is told to work there. */
async function filesAt(git: Git, commit: string): Promise<SchemaText[]> {
  const listing = await git.say('ls-tree', '-r', '-z', commit, './');
  const entries = listing.split('\0').flatMap((line) => {
    const [, blob, file] = /^\d+ blob ([0-9a-f]+)\t(.+)$/.exec(line) ?? [];
    return blob === undefined || file === undefined ? [] : [{ blob, file }];
  });
  const schemas = entries.filter(({ file }) => file.endsWith('.avsc'));
  const texts = await git.blobs(schemas.map(({ blob }) => blob));
  return schemas.map(({ file }, index) => ({ file, text: texts[index] ?? '' }));
}

const run = promisify(execFile);
const MOST_BYTES = 256 * 1024 * 1024;

function gitIn(cwd: string): Git {
  return {
    async say(...words) {
      const { stdout } = await run('git', words, { cwd, maxBuffer: MOST_BYTES });
      return stdout.trimEnd();
    },
    async blobs(ids) {
      if (ids.length === 0) return [];
      const running = run('git', ['cat-file', '--batch'], { cwd, maxBuffer: MOST_BYTES, encoding: 'buffer' });
      running.child.stdin?.end(`${ids.join('\n')}\n`);
      return splitBatch((await running).stdout);
    },
  };
}

/** `<id> blob <bytes>`, a line end, the content, a line end; and so on. */
function splitBatch(output: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < output.length;) {
    const headerEnd = output.indexOf('\n', at);
    const bytes = Number(output.subarray(at, headerEnd).toString().split(' ')[2]);
    texts.push(output.subarray(headerEnd + 1, headerEnd + 1 + bytes).toString('utf8'));
    at = headerEnd + 1 + bytes + 1;
  }
  return texts;
}

function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'git is not installed';
  const said =
    'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n')[0] : '';
  return `git says: ${said === undefined || said === '' ? error.message : said}`;
}
