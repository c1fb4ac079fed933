import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOutbox, runOutboxProcess } from '../../support/run-outbox.ts';

const orderPlaced = 'orders.events/OrderPlaced.v1.avsc';
const original = readFileSync(join('schemas', orderPlaced), 'utf8');

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'schemas-'));
  folder = join(root, 'schemas');
  put(orderPlaced, original);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(file: string, text: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function git(...words: string[]): void {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...words], { cwd: root, stdio: 'pipe' });
}

function commit(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

/** Nothing of a stack is in its environment: it must do without. */
const env = { PATH: process.env['PATH'] ?? '' };
const check = (...words: string[]) => runOutbox(['schemas', 'check', '--dir', folder, ...words], env);
const checkAsProcess = () => runOutboxProcess(['schemas', 'check', '--dir', folder], env);

const changed = (
  by: (schema: { doc: string; fields: { name: string; default?: unknown }[] }) => void,
): string => {
  const schema = JSON.parse(original) as Parameters<typeof by>[0];
  by(schema);
  return JSON.stringify(schema, null, 2);
};

test('schemas in order are said to be so; outside of git that part is skipped, in a line', async () => {
  expect(await checkAsProcess()).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(
      /^✔ 1 schema: each version can read every earlier one\.\nNot compared with main: git says: .*not a git repository/,
    ) as string,
  });
  expect((await check('--against', '')).stdout).not.toContain('ompared');
});

test('an incompatible version is told with field, reason and what to do', async () => {
  put(
    'orders.events/OrderPlaced.v2.avsc',
    changed(({ fields }) => {
      const total = fields.find(({ name }) => name === 'totalMinor') as { type?: string } | undefined;
      if (total !== undefined) total.type = 'int';
    }),
  );
  const ended = await checkAsProcess();
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('✖ orders.events/OrderPlaced.v2.avsc');
  expect(ended.stdout).toContain('totalMinor was long and is now int');
  expect(ended.stdout).toContain('→ Keep long: a type may only widen. (against v1)');
  const json = JSON.parse((await check('--json')).stdout) as { ok: boolean; problems: object[] };
  expect(json).toMatchObject({
    ok: false,
    schemas: 2,
    problems: [{ rule: 'type-narrowed', field: 'totalMinor', against: ['v1'] }],
  });
});

test('on a branch a published schema is neither edited nor deleted, and what main got since need not be here', async () => {
  git('init', '--quiet', '--initial-branch', 'main');
  put('orders.events/OrderCancelled.v1.avsc', original.replaceAll('OrderPlaced', 'OrderCancelled'));
  commit('Publish');
  git('checkout', '--quiet', '-b', 'branch');
  put('orders.events/OrderPlaced.v2.avsc', original);
  commit('Add a version');
  git('checkout', '--quiet', 'main');
  put('orders.events/OrderConfirmed.v1.avsc', original.replaceAll('OrderPlaced', 'OrderConfirmed'));
  commit('Go on beside it');
  git('checkout', '--quiet', 'branch');
  const fine = await check();
  expect(fine).toMatchObject({ code: 0 });
  expect(fine.stdout).toMatch(/Compared with main and [0-9a-f]{10}: no published schema was edited/);

  put(
    orderPlaced,
    changed((schema) => (schema.doc = 'Edited.')),
  );
  rmSync(join(folder, 'orders.events/OrderCancelled.v1.avsc'));
  commit('Edit and delete');
  const ended = await check('--json');
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    problems: [
      { file: orderPlaced, rule: 'published-edited', against: ['main'] },
      { file: 'orders.events/OrderCancelled.v1.avsc', rule: 'published-deleted' },
    ],
  });
});

test('on main itself an edit is seen before its commit and after it', async () => {
  git('init', '--quiet', '--initial-branch', 'main');
  commit('Publish');
  expect(await check()).toMatchObject({ code: 0 });
  put(
    orderPlaced,
    changed((schema) => (schema.doc = 'Edited.')),
  );
  const before = await check();
  expect(before).toMatchObject({ code: 1 });
  expect(before.stdout).toContain('was published and is edited here');
  expect(before.stdout).toMatch(/make the change in\s+OrderPlaced\.v2\.avsc/);
  commit('Edit');
  expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining('HEAD^') as string });
});

test('a shallow clone of main has nothing before it, and passes; an unknown commit is skipped', async () => {
  git('init', '--quiet', '--initial-branch', 'main');
  commit('Publish');
  put('orders.events/OrderPlaced.v2.avsc', original);
  commit('Add a version');
  const clone = join(root, 'clone');
  git('clone', '--quiet', '--depth', '1', `file://${root}`, clone);
  folder = join(clone, 'schemas');
  const ended = await check();
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toContain('Compared with main: no published schema was edited.');
  expect((await check('--against', 'v9.9')).stdout).toContain(
    'Not compared with v9.9: git has no commit v9.9 here',
  );
});

test('a folder that is not there is a mistake of usage', async () => {
  folder = join(root, 'nowhere');
  expect(await check()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Name the folder with --dir.') as string,
  });
});
