import { allEventsApplied } from '../support/all-events-applied.ts';
import { runBuggyInventory } from '../support/buggy-inventory.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { loadStock, startLoad, type AcknowledgedOrder, type ShopLoad } from '../support/shop-load.ts';
import { shopOf, type Shop } from '../support/shop.ts';
import { testKafka } from '../support/test-stack.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';

// One story: each test goes on where the one before it ended.
let pipeline: TestPipeline;
let shop: Shop;
let commands: PipelineCommands;
const acknowledged: AcknowledgedOrder[] = [];

beforeAll(async () => {
  pipeline = await startTestPipeline();
  shop = shopOf(pipeline);
  commands = commandsOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shop.setStock(sku, onHand);
});
afterAll(async () => {
  commands.close();
  await pipeline.stop();
});

interface Status {
  readonly state: string;
  readonly progress: { readonly total: number; readonly done: number };
  readonly cases: { readonly all: number };
  readonly comparison: {
    readonly sums: readonly {
      table: string;
      kind: string;
      column: string | null;
      rows: number;
      sum: number | null;
    }[];
    readonly broken: readonly string[];
    readonly incomplete: { readonly keys: number; readonly events: number };
  };
}

async function rebuild(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await commands.outbox(['rebuild', ...words]);
  if (code !== 0) throw new Error(`rebuild ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

const statusOf = async (consumer: string): Promise<Status> => {
  const { stdout, stderr } = await commands.outbox(['rebuild', 'status', '--json', '--consumer', consumer]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Status;
};

/** A third of it on one customer and one sku: skus are contended across the partitions of customers. */
const load = (seed: number): ShopLoad =>
  startLoad(pipeline, { seed, ordersPerSecond: 40, atLeast: 200, atMost: 600 });

async function finish(running: ShopLoad): Promise<void> {
  await running.finish();
  acknowledged.push(...running.acknowledged);
  await allEventsApplied(pipeline);
}

const invariantsBroken = () => checkInvariants(pipeline.databases, acknowledged);

/** Asks for the stock and counts it anew again and again, as customers and storekeepers do. */
function keepAsking(): { stop(): Promise<{ answers: number; longestMs: number }> } {
  let [answers, longestMs, isStopping] = [0, 0, false];
  const timed = async (request: Promise<unknown>, startedAt: number): Promise<void> => {
    await request;
    answers += 1;
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  };
  const asking = (async () => {
    for (let pieces = 500; !isStopping; pieces++) {
      await timed(shop.stockOf('sku-0'), performance.now());
      await timed(shop.setStock('counted', pieces), performance.now());
    }
  })();
  asking.catch(() => undefined);
  return {
    async stop() {
      isStopping = true;
      await asking;
      return { answers, longestMs };
    },
  };
}

test('a wrong handler has corrupted the stock', async () => {
  await pipeline.service('inventory').end('SIGTERM');
  const buggy = await runBuggyInventory(pipeline);
  await finish(load(1));
  await buggy.stop();
  const broken = new Set((await invariantsBroken()).map(({ invariant }) => invariant));
  // Too many orders were confirmed, and nobody is told otherwise; only the stock itself is wrong.
  expect([...broken]).toEqual(['stock-conserved']);
});

test('a rebuild by the mended handler shows what is wrong, and refuses a stock that can not be', async () => {
  await pipeline.restart('inventory');
  await rebuild('start', '--consumer', 'inventory');
  const status = await statusOf('inventory');
  expect(status).toMatchObject({ state: 'building', cases: { all: 0 } });
  expect(status.comparison.incomplete).toEqual({ keys: 0, events: 0 });
  const columns = status.comparison.sums.map(({ table, kind, column }) => `${table} ${kind} ${column ?? ''}`);
  expect(columns).toEqual(['reservations differs lines', 'stock differs reserved']);
  // Of the scarce sku more was promised than there is.
  expect(status.comparison.broken).toEqual([expect.stringContaining('stock_never_negative')]);
  const refused = await commands.outbox(['rebuild', 'swap', '--consumer', 'inventory']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('"sku":"sku-3"') as string });
});

test('the swap under load gives the right stock, while all is answered, and every event counts once', async () => {
  await shop.setStock('sku-3', 1_000);
  const running = load(2);
  await running.reached(50);
  const asking = keepAsking();
  await rebuild('swap', '--consumer', 'inventory');
  await running.reached(running.acknowledged.length + 50);
  const { answers, longestMs } = await asking.stop();
  await finish(running);
  expect(answers).toBeGreaterThan(10);
  // Far below what a client waits for, and far above what it takes: files of tests run side by side.
  expect(longestMs).toBeLessThan(15_000);
  expect(await invariantsBroken()).toEqual([]);
});

test('a rollback under load brings the old state back with all that happened since, and forward again', async () => {
  const running = load(3);
  await running.reached(50);
  await rebuild('rollback', '--consumer', 'inventory');
  await finish(running);
  const broken = await invariantsBroken();
  expect(new Set(broken.map(({ invariant }) => invariant))).toEqual(new Set(['stock-conserved']));
  await rebuild('rollback', '--consumer', 'inventory');
  expect(await invariantsBroken()).toEqual([]);
  await rebuild('abandon', '--consumer', 'inventory', '--yes');
});

test('a second full replay changes nothing, for consumers that answer and for those that do not', async () => {
  for (const consumer of ['inventory', 'sales']) {
    await rebuild('start', '--consumer', consumer);
    const { comparison, cases } = await statusOf(consumer);
    expect({ consumer, ...comparison, cases: cases.all }).toEqual({
      consumer,
      sums: [],
      rows: [],
      broken: [],
      incomplete: { keys: 0, events: 0 },
      cases: 0,
    });
  }
});

test('sales swaps under load without any ceremony', async () => {
  const running = load(4);
  await running.reached(50);
  await rebuild('swap', '--consumer', 'sales');
  await finish(running);
  expect(await invariantsBroken()).toEqual([]);
  await rebuild('abandon', '--consumer', 'sales', '--yes');
  await rebuild('abandon', '--consumer', 'inventory', '--yes');
  const { code, stderr } = await commands.outbox(['rebuild', 'status', '--consumer', 'sales']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('There is no rebuild of sales.') as string,
  });
});

test('what the topic no longer has is refused, and taken from the outbox', async () => {
  const topic = `${pipeline.topicPrefix}orders.events`;
  const admin = testKafka().admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  const half = ends.map(({ partition, high }) => ({
    partition,
    offset: String(Math.floor(Number(high) / 2)),
  }));
  await admin.deleteTopicRecords({ topic, partitions: half });
  await admin.disconnect();
  for (const consumer of ['inventory', 'sales']) {
    const refused = await commands.outbox(['rebuild', 'start', '--consumer', consumer]);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is no longer all in the topic .* --from outbox/) as string,
    });
    expect(await rebuild('start', '--consumer', consumer, '--from', 'outbox')).toMatch(
      /[1-9]\d* events from the outbox/,
    );
    expect((await statusOf(consumer)).comparison).toEqual({
      ...{ sums: [], rows: [], broken: [] },
      incomplete: { keys: 0, events: 0 },
    });
  }
});
