import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startService } from '../../support/service-process.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testStackEnv } from '../../support/test-stack.ts';
import { stackPids } from '../bench-stack.ts';
import type { StatementCounts } from '../count-statements.ts';
import { cpuSeconds } from '../cpu-seconds.ts';
import type { ApplyOptions } from './apply-options.ts';
import { checkApplied } from './check-applied.ts';
import { countApplied, readBatches } from './read-batches.ts';
import type { Batches } from './read-batches.ts';
import { createStockedDatabase } from './stocked-database.ts';
import { streamAnswers } from './stream-answers.ts';

export interface ApplyRun extends Batches {
  readonly ordersPerSecond: number;
  readonly statements: StatementCounts;
  /** Seconds of each process, from the start of the service until all was applied; undefined where there is no /proc. */
  readonly cpu: Readonly<Record<string, number>> | undefined;
}

const GIVE_UP_AFTER_MS = 600_000;
const countStatements = fileURLToPath(new URL('../count-statements.ts', import.meta.url));

/** One run: a fresh database, the service as a process of its own, and what Postgres says of its commits afterwards. */
export async function measureRun(topicPrefix: string, options: ApplyOptions): Promise<ApplyRun> {
  const database = await createStockedDatabase(options.skus);
  const streaming = options.streaming ? await streamAnswers(database, topicPrefix) : undefined;
  try {
    const { statements, cpu } = await runService(database, { topicPrefix, slot: streaming?.slot, options });
    await checkApplied(database.pool, options.orders);
    const batches = await readBatches(database.pool);
    // The first commit starts the clock: its own orders were done before.
    const timed = options.orders - (batches.sizes[0] ?? 0);
    return { ...batches, ordersPerSecond: timed / batches.seconds, statements, cpu };
  } finally {
    await streaming?.stop();
    await database.drop();
  }
}

async function runService(
  database: TestDatabase,
  run: { topicPrefix: string; slot: string | undefined; options: ApplyOptions },
): Promise<Pick<ApplyRun, 'statements' | 'cpu'>> {
  const { orders, cpuProf } = run.options;
  const folder = mkdtempSync(join(tmpdir(), 'outbox-bench-'));
  const countsFile = join(folder, 'statements.json');
  const profiling = cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`];
  const env = {
    ...testStackEnv(),
    INVENTORY_DATABASE_URL: database.appUrl,
    ...(run.slot === undefined ? {} : { INVENTORY_SLOT: run.slot }),
    TOPIC_PREFIX: run.topicPrefix,
    LOG_LEVEL: 'warn',
    STATEMENT_COUNTS: countsFile,
  };
  const before = cpuSeconds(stackPids());
  const service = await startService('inventory', env, ['--import', countStatements, ...profiling]);
  try {
    await waitUntil(async () => (await countApplied(database.pool)) >= orders, {
      timeoutMs: GIVE_UP_AFTER_MS,
      what: `${orders} orders to be applied`,
    });
    const after = cpuSeconds({ ...stackPids(), inventory: service.pid });
    // It writes what it counted when it ends.
    await service.end('SIGTERM');
    const statements = JSON.parse(readFileSync(countsFile, 'utf8')) as StatementCounts;
    return { statements, cpu: before && after && difference(before, after) };
  } finally {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const difference = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
