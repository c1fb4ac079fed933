import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import type { Comparison } from '../bench/compare/render-comparison.ts';
import { stackValue } from '../support/test-stack.ts';

// That the bench works and leaves nothing behind; how fast anything was is not looked at.
const checkout = fileURLToPath(new URL('../../', import.meta.url));
let admin: Pool;
let folder: string;

beforeAll(() => {
  admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await admin.end();
});

interface Bench {
  readonly process: ChildProcess;
  printed(): string;
  /** @returns the exit code */
  ended(): Promise<number | null>;
}

/** The command as people run it, on the stack of the tests. */
function startBench(...args: string[]): Bench {
  const child = spawn(process.execPath, ['test/bench/main.ts', ...args], {
    cwd: checkout,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (printed += data.toString()));
  const exited = once(child, 'exit');
  return {
    process: child,
    printed: () => printed,
    ended: async () => {
      await exited;
      return child.exitCode;
    },
  };
}

/** Whatever a run could leave in the stack. */
async function whatIsThere(): Promise<unknown> {
  const names = async (text: string) => (await admin.query<{ name: string }>({ text })).rows;
  return {
    connectors: await createConnectClient({ url: stackValue('CONNECT_URL') }).names(),
    slots: await names('select slot_name as name from pg_replication_slots order by 1'),
    databases: await names('select datname as name from pg_database order by 1'),
    services: await names(
      `select application_name as name from pg_stat_activity where application_name in ('orders', 'inventory', 'polling-relay')`,
    ),
  };
}

const short = ['--rates', '20', '--seconds', '3', '--warm-up-seconds', '0', '--repeats', '1'];

test('two arms side by side: every order comes through, the table and the file say so, and nothing stays behind', async () => {
  const before = await whatIsThere();
  const file = join(folder, 'figures.json');
  const bench = startBench(...short, '--arms', 'ours,polling-delete-500-10', '--json', file);
  const code = await bench.ended();
  if (code !== 0) throw new Error(bench.printed());
  const { windows, summary } = JSON.parse(readFileSync(file, 'utf8')) as Comparison;
  expect(windows.map(({ arm }) => arm)).toEqual(['ours', 'polling-delete-500-10']);
  for (const window of windows) {
    expect(window.applied).toBe(window.orders);
    expect(window.orders).toBeGreaterThan(20);
  }
  expect(windows[0]?.orders).toBe(windows[1]?.orders);
  for (const { stages } of summary) expect(stages?.settled?.p50.median).toBeGreaterThan(0);
  expect(bench.printed()).toMatch(/│ polling-delete-500-10 │ +20 │/);
  expect(await whatIsThere()).toEqual(before);
});

test('after Ctrl-C it takes down what it started, says so in a sentence, and ends with 1', async () => {
  const before = await whatIsThere();
  const bench = startBench(
    ...short,
    '--seconds',
    '60',
    '--arms',
    'ours',
    '--json',
    join(folder, 'none.json'),
  );
  const sending = `select from pg_stat_activity where application_name = 'orders'`;
  await waitUntil(async () => (await admin.query({ text: sending })).rowCount > 0, {
    timeoutMs: 40_000,
    what: 'the bench to have its services running',
  });
  bench.process.kill('SIGINT');
  expect(await bench.ended()).toBe(1);
  expect(bench.printed()).toContain('✗ Stopped before the end: there are no figures.');
  expect(await whatIsThere()).toEqual(before);
});

test('what is no arm is refused with the names of those that are, and exit code 2', async () => {
  const bench = startBench('--arms', 'our');
  expect(await bench.ended()).toBe(2);
  expect(bench.printed()).toContain('There is no arm our. There are: ours, debezium-defaults,');
});
