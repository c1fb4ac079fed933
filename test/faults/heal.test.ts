import { createStack } from '../../scripts/stack/stack.ts';
import { createConnectClient, storedLsn, type ConnectorOffsets } from '../../src/connect/connect-client.ts';
import type { ConnectorFile } from '../../src/connect/connector-file.ts';
import { topicCatalogue } from '../../src/contracts/catalogue.ts';
import type { HealReport } from '../../src/operate/heal/heal-connector.ts';
import { stopConnector } from '../../src/operate/change/stop-connector.ts';
import { applyTopics } from '../../src/platform/kafka/topic-admin.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool, type Pool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { rollBackRows, rowsBehindLaterOnes } from '../support/heap-out-of-order.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { readTopic } from '../support/read-topic.ts';
import { loadStock, startLoad, type ShopLoad } from '../support/shop-load.ts';
import { shopOf } from '../support/shop.ts';
import { readSlot } from '../support/slot-reader.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { stackValue, testKafka, testStack, testStackEnv } from '../support/test-stack.ts';

// One pipeline for all of them, each fault after the other has been healed: what one leaves behind is there for the next.
let pipeline: TestPipeline;
let commands: PipelineCommands;
let admin: Pool;
/** All of them, also of a test that failed: what its orders did is part of what the next ones compare. */
const loads: ShopLoad[] = [];
const connect = createConnectClient({ url: stackValue('CONNECT_URL') });

beforeAll(async () => {
  pipeline = await startTestPipeline();
  commands = commandsOf(pipeline);
  admin = createPool({
    connectionString: stackValue('POSTGRES_ADMIN_URL'),
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  const shop = shopOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shop.setStock(sku, onHand);
  expect(await heal()).toEqual([]);
});
afterAll(async () => {
  await pipeline.stop();
  commands.close();
  await admin.end();
});

/** Orders that come in until it is finished: a fault and its heal last as long as they last. */
function load(seed: number): ShopLoad {
  const started = startLoad(pipeline, { seed, ordersPerSecond: 30, atLeast: 90, atMost: 3_000 });
  loads.push(started);
  return started;
}

/** All orders of all loads are answered and settled, and everything adds up. */
async function expectNothingLostOrDoubled(): Promise<void> {
  await Promise.all(loads.map((one) => one.finish()));
  await allEventsApplied(pipeline);
  const acknowledged = loads.flatMap((one) => one.acknowledged);
  expect(await checkInvariants(pipeline.databases, acknowledged)).toEqual([]);
}

/** Heals all connectors, sees that they are healthy then, and returns what was found. */
async function heal(...options: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await commands.outbox(['connectors', 'heal', '--json', ...options]);
  if (code !== 0) throw new Error(`heal ended with ${code}: ${stdout} ${stderr}`);
  const report = JSON.parse(stdout) as { connectors: HealReport[] };
  return report.connectors.flatMap(({ news }) =>
    news.flatMap((one) => (one.kind === 'found' ? [one.finding.code] : [])),
  );
}

function connector(service: 'orders' | 'inventory'): ConnectorFile & { readonly slot: string } {
  const found = pipeline.connectors.find(({ name }) => name.endsWith(`${service}-outbox`));
  if (found === undefined) throw new Error(`${service} has no connector.`);
  return { ...found, slot: found.config['slot.name'] ?? '' };
}

const stop = ({ name, slot }: { name: string; slot: string }): Promise<void> =>
  stopConnector(connect, name, { timeoutMs: 30_000, slot: { db: admin, name: slot } });
const sql = (text: string, ...values: unknown[]) => admin.query({ text, values });

/** As the role that the connector itself connects as. */
function cdcUrl(service: 'orders' | 'inventory'): string {
  const url = new URL(pipeline.databases[service].adminUrl);
  const prefix = `CDC_${service.toUpperCase()}`;
  url.username = stackValue(`${prefix}_USER`);
  url.password = stackValue(`${prefix}_PASSWORD`);
  return url.href;
}

async function asOwner(service: 'orders' | 'inventory', text: string): Promise<void> {
  const owner = createPool({
    connectionString: pipeline.databases[service].ownerUrl,
    applicationName: 'test',
    log: silentLog,
    max: 1,
  });
  await owner.query({ text });
  await owner.end();
}

test('the slot was dropped', async () => {
  const running = load(1);
  await running.reached(20);
  const orders = connector('orders');
  await stop(orders);
  await sql('select pg_drop_replication_slot($1)', orders.slot);
  await running.reached(50);
  expect(await heal()).toEqual(['slot_missing', 'held_back']);
  await expectNothingLostOrDoubled();
});

test('the slot was dropped, and the rows do not lie in the order of their ids', async () => {
  const running = load(12);
  await running.reached(20);
  const orders = connector('orders');
  await stop(orders);
  await asOwner('orders', rollBackRows);
  await running.reached(50);
  await asOwner('orders', 'vacuum pipeline.outbox');
  await running.reached(80);
  expect(await rowsBehindLaterOnes(pipeline.databases.orders.pool)).toBeGreaterThan(0);
  await sql('select pg_drop_replication_slot($1)', orders.slot);
  expect(await heal()).toEqual(['slot_missing', 'held_back']);
  await expectNothingLostOrDoubled();
});

test('the slot was advanced past the stored offset', async () => {
  const running = load(2);
  await running.reached(20);
  const inventory = connector('inventory');
  await stop(inventory);
  await running.reached(50);
  await sql('select pg_replication_slot_advance($1, pg_current_wal_lsn())', inventory.slot);
  expect(await heal()).toEqual(['slot_ahead', 'held_back']);
  await expectNothingLostOrDoubled();
});

test('the server gave up the slots, since they held back too much of the log', async () => {
  const running = load(3);
  await running.reached(20);
  const orders = connector('orders');
  await stop(orders);
  await running.reached(40);
  await withTinyBudget(async () => {
    await waitUntil(() => isLostAfterMoreLog(orders.slot), {
      timeoutMs: 30_000,
      what: 'the slot to be lost',
    });
  });
  expect(await heal()).toContain('slot_lost');
  await expectNothingLostOrDoubled();
});

/** Postgres keeps 1 MB of log for a slot, and then as much as ever again. */
async function withTinyBudget(work: () => Promise<void>): Promise<void> {
  const tiny = createStack({
    root: stackValue('TEST_STACK_ROOT'),
    env: { ...testStackEnv(), POSTGRES_MAX_SLOT_WAL_KEEP_SIZE: '1MB' },
  });
  await tiny.resource('postgres').down();
  await tiny.resource('postgres').up();
  try {
    await work();
  } finally {
    await tiny.resource('postgres').down();
    await testStack().up();
  }
}

async function isLostAfterMoreLog(slot: string): Promise<boolean> {
  await sql(`select pg_logical_emit_message(false, 'filler', repeat('x', 20000000))`);
  await sql('select pg_switch_wal()');
  await sql('checkpoint');
  const { rows } = await sql(
    'select from pg_replication_slots where slot_name = $1 and wal_status = $2',
    slot,
    'lost',
  );
  return rows.length === 1;
}

test('somebody else reads the slot and confirms what it gets', async () => {
  const running = load(5);
  await running.reached(20);
  const orders = connector('orders');
  await stop(orders);
  const stranger = await readSlot({
    connectionString: cdcUrl('orders'),
    slot: orders.slot,
    publication: 'orders_outbox',
  });
  await running.reached(60);
  await connect.resume(orders.name);
  const refused = await commands.outbox(['connectors', 'heal', orders.name]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stdout).toMatch(
    /is read by "somebody_else" as \w+ from 127\.0\.0\.1 \(pid \d+\), which is not/,
  );
  expect(refused.stdout).toContain('--end-reader');
  // Ahead before its reader was ended or only after: it confirms when it likes.
  expect(await heal('--end-reader')).toEqual(expect.arrayContaining(['slot_held', 'slot_ahead']));
  await stranger.close();
  await expectNothingLostOrDoubled();
});

test('the publication was dropped while orders came in', async () => {
  const running = load(6);
  await running.reached(20);
  await asOwner('inventory', 'drop publication inventory_outbox');
  await running.reached(60);
  expect(await heal()).toEqual(['publication_missing']);
  await expectNothingLostOrDoubled();
});

/** Keys that consumers hold since an event of theirs is missing. */
async function waitingKeys(): Promise<{ consumer: string; state: string }[]> {
  const { stdout } = await commands.outbox(['parked', 'list', '--json']);
  const keys = JSON.parse(stdout) as { consumer: string; state: string }[];
  return keys.filter(({ state }) => state === 'waiting');
}

const someKeyWaits = () =>
  waitUntil(async () => (await waitingKeys()).length > 0, {
    timeoutMs: 30_000,
    what: 'a consumer to hold a key whose events go on behind a gap',
  });

test('the publication was dropped and made again while orders came in, and later events overtook what it had passed over', async () => {
  const running = load(8);
  await running.reached(20);
  await asOwner('orders', 'drop publication orders_outbox');
  await running.reached(50);
  await asOwner(
    'orders',
    `create publication orders_outbox for table pipeline.outbox with (publish = 'insert', publish_via_partition_root = true)`,
  );
  await someKeyWaits();
  expect(await heal()).toEqual(['publication_wrong']);
  await expectNothingLostOrDoubled();
  expect(await waitingKeys()).toEqual([]);
});

test('the slot was advanced, and the connector run on by another tool until it looked well again', async () => {
  const running = load(9);
  await running.reached(20);
  const orders = connector('orders');
  await stop(orders);
  // However many came in while it stopped: these lie behind what it has stored.
  await running.reached(running.acknowledged.length + 30);
  const { rows } = await sql(
    `select (end_lsn - '0/0')::text as moved_to from pg_replication_slot_advance($1, pg_current_wal_lsn())`,
    orders.slot,
  );
  const [moved] = rows as { moved_to: string }[];
  await connect.resume(orders.name);
  const hasStoredBeyond = async (): Promise<boolean> => {
    const stored = storedLsn(await connect.offsets(orders.name), orders.config['topic.prefix']);
    return stored !== undefined && stored > BigInt(moved?.moved_to ?? 0);
  };
  await waitUntil(hasStoredBeyond, { timeoutMs: 30_000, what: 'the connector to have gone on and said so' });
  await someKeyWaits();
  // Slot and offset are of one reader again: what is left of it is the gap in the keys, and that is for the audit.
  const { code, stdout } = await commands.outbox(['connectors', 'heal']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/holds \d+ keys? that waits? for a missing event, .* npx outbox audit --repair/);
  await running.finish();
  const repaired = await commands.outbox(['audit', '--repair', '--older-than', '1s']);
  expect(repaired.stdout).toMatch(/published once more: \d+ events?/);
  await expectNothingLostOrDoubled();
  expect(await waitingKeys()).toEqual([]);
  expect(await commands.outbox(['audit', '--older-than', '1s'])).toMatchObject({ code: 0 });
});

test('a task FAILED, since Kafka refused a record', async () => {
  const running = load(10);
  await running.reached(20);
  const orders = connector('orders');
  await takeRecordsUpTo('100');
  const taskState = async () => (await connect.status(orders.name))?.tasks[0]?.state;
  await waitUntil(async () => (await taskState()) === 'FAILED', {
    timeoutMs: 30_000,
    what: 'the task to fail',
  });
  await running.reached(60);
  await takeRecordsUpTo('1048588');
  // The slot may also be ahead of the offset by what was acknowledged last: nobody can tell it from a loss.
  expect(await heal()).toContain('task_failed');
  await expectNothingLostOrDoubled();
});

/** The topic takes no larger ones. */
async function takeRecordsUpTo(bytes: string): Promise<void> {
  const specs = topicCatalogue(pipeline.topicPrefix).filter(({ name }) => name.endsWith('orders.events'));
  const limited = specs.map((spec) => ({ ...spec, config: { ...spec.config, 'max.message.bytes': bytes } }));
  await applyTopics(testKafka(), limited, { replicationFactor: 1, log: silentLog });
}

test('the stored offsets were deleted, and set back', async () => {
  const running = load(7);
  await running.reached(20);
  const [orders, inventory] = [connector('orders'), connector('inventory')];
  // The first one after a re-snapshot is stored some seconds later.
  const earlier: ConnectorOffsets = await waitUntil(
    async () => {
      const offsets = await connect.offsets(inventory.name);
      return offsets.length > 0 && offsets;
    },
    { timeoutMs: 60_000, what: 'an offset to be stored' },
  );
  await running.reached(50);
  await Promise.all([stop(orders), stop(inventory)]);
  await waitUntil(() => connect.resetOffsets(orders.name), {
    timeoutMs: 60_000,
    what: 'the offsets to be deleted',
  });
  await waitUntil(() => connect.setOffsets(inventory.name, earlier), {
    timeoutMs: 60_000,
    what: 'the offsets to be set back',
  });
  await sql('select pg_replication_slot_advance($1, pg_current_wal_lsn())', inventory.slot);
  await running.reached(70);
  expect((await heal()).sort()).toEqual(['held_back', 'held_back', 'offsets_missing', 'slot_ahead']);
  await expectNothingLostOrDoubled();
});

test('what was said again was dropped by those who knew it', async () => {
  const records = await readTopic(`${pipeline.topicPrefix}orders.events`);
  const { rows } = await pipeline.databases.orders.pool.query<{ count: number }>({
    text: `select count(distinct event_id) from pipeline.outbox where topic = 'orders.events'`,
  });
  expect(new Set(records.map(({ headers }) => headers['id'])).size).toBe(rows[0]?.count);
  // Each re-snapshot said all rows of its time again.
  expect(records.length).toBeGreaterThan(2 * (rows[0]?.count ?? 0));
});
