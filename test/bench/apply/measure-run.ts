import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { startService } from '../../support/service-process.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testStackEnv } from '../../support/test-stack.ts';
import type { StatementCounts } from '../count-statements.ts';
import { unlessStopped } from '../bench-stack.ts';
import { CpuMeter } from '../cpu-meter.ts';
import { streamOutbox } from '../stream-outbox.ts';
import type { ApplyOptions } from './apply-options.ts';
import { checkApplied } from './check-applied.ts';
import { countApplied, readBatches } from './read-batches.ts';
import type { Batches } from './read-batches.ts';
import { createStockedDatabase } from './stocked-database.ts';

export interface ApplyRun extends Batches {
  readonly ordersPerSecond: number;
  readonly statements: StatementCounts;
  /** Seconds of each process, from the start of the service until all was applied; undefined where there is no /proc. */
  readonly cpu: Readonly<Record<string, number>> | undefined;
  /** Processors that something else kept busy meanwhile, on average: far above 0, the machine was not left alone. */
  readonly busyElsewhere: number | undefined;
}

const GIVE_UP_AFTER_MS = 600_000;
const countStatements = fileURLToPath(new URL('../count-statements.ts', import.meta.url));

/** One run: a fresh database, the service as a process of its own, and what Postgres says of its commits afterwards. */
export async function measureRun(
  topicPrefix: string,
  options: ApplyOptions,
  stopping: AbortSignal,
): Promise<ApplyRun> {
  stopping.throwIfAborted();
  const database = await createStockedDatabase(options.skus);
  const streaming = options.streaming ? await streamOutbox('inventory', database, topicPrefix) : undefined;
  try {
    const service = await runService(database, { topicPrefix, slot: streaming?.slot, options, stopping });
    await checkApplied(database.pool, options.orders);
    const batches = await readBatches(database.pool);
    // The first commit starts the clock: its own orders were done before.
    const timed = options.orders - (batches.sizes[0] ?? 0);
    return { ...batches, ordersPerSecond: timed / batches.seconds, ...service };
  } finally {
    await streaming?.stop();
    await database.drop();
  }
}

async function runService(
  database: TestDatabase,
  run: { topicPrefix: string; slot: string | undefined; options: ApplyOptions; stopping: AbortSignal },
): Promise<Pick<ApplyRun, 'statements' | 'cpu' | 'busyElsewhere'>> {
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
  const meter = new CpuMeter();
  const service = await startService('inventory', env, {
    nodeOptions: ['--import', countStatements, ...profiling],
  });
  try {
    await unlessStopped(
      run.stopping,
      waitUntil(async () => (await countApplied(database.pool)) >= orders, {
        timeoutMs: GIVE_UP_AFTER_MS,
        what: `${orders} orders to be applied`,
      }),
    );
    const cpu = meter.read({ inventory: service.pid });
    // It writes what it counted when it ends.
    await service.end('SIGTERM');
    const statements = JSON.parse(readFileSync(countsFile, 'utf8')) as StatementCounts;
    return { statements, ...cpu };
  } finally {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
