import type { ResourceName } from '../../scripts/stack/resource.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { hotCustomer, hotSku, loadStock, startLoad } from '../support/shop-load.ts';
import type { ShopLoad } from '../support/shop-load.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { testStack } from '../support/test-stack.ts';
import { whileWaiting } from '../support/while-waiting.ts';

// One pipeline for all of them, each fault after the other has healed: what one leaves behind is there for the next.
let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  const shop = shopOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shop.setStock(sku, onHand);
});
afterAll(() => pipeline.stop());

// A test that has failed in the middle of its fault leaves it to none behind it.
const loads: ShopLoad[] = [];
const successors: ServiceProcess[] = [];
afterEach(async () => {
  await testStack().up();
  pipeline.service('inventory').signal('SIGCONT');
  for (const one of successors.splice(0)) await one.end('SIGTERM');
  for (const one of loads) await one.finish().catch(() => undefined);
});

function load(seed: number): ShopLoad {
  const started = startLoad(pipeline, { seed, ordersPerSecond: 20, atLeast: 150, atMost: 300 });
  loads.push(started);
  return started;
}

/** All orders of all loads are answered and settled, and everything adds up. */
async function expectNothingLostOrDoubled(finished: ShopLoad): Promise<void> {
  await finished.finish();
  const acknowledged = loads.flatMap((one) => one.acknowledged);
  await allEventsApplied(pipeline);
  expect(await checkInvariants(pipeline.databases, acknowledged)).toEqual([]);
}

async function kill(part: ResourceName): Promise<void> {
  const pid = testStack().resource(part).pid();
  if (pid === undefined) throw new Error(`${part} does not run.`);
  process.kill(pid, 'SIGKILL');
  await waitUntil(() => testStack().resource(part).pid() === undefined, {
    timeoutMs: 60_000,
    what: `${part} to be dead`,
  });
}

const lockOfStock = { text: 'select from inventory.stock where sku = $1 for update', values: [hotSku] };
const lockOfCustomer = {
  text: `select from pipeline.outbox_keys where topic = 'orders.events' and key = $1 for update`,
  values: [hotCustomer],
};

const OUTAGE_MS = 30_000;

/** How often the instance has been given partitions, and how many the last time. */
function joinsOf(instance: ServiceProcess): { readonly times: number; readonly partitions: number } {
  const joins = instance
    .log()
    .split('\n')
    .filter((line) => line.includes('joined the group'))
    .map((line) => JSON.parse(line) as { partitions: number[] });
  return { times: joins.length, partitions: joins.at(-1)?.partitions.length ?? 0 };
}

async function addSuccessor(): Promise<ServiceProcess> {
  const successor = await pipeline.addInstance('inventory');
  successors.push(successor);
  return successor;
}

const hasAllPartitions = (instance: ServiceProcess): Promise<unknown> =>
  waitUntil(() => joinsOf(instance).partitions === 4, {
    timeoutMs: 40_000,
    what: 'the second instance to have all partitions',
  });

/** Events that this process says it has applied or ignored, duplicates left out. */
async function tookIn(instance: ServiceProcess): Promise<number> {
  const metrics = await (await fetch(`${instance.url}/metrics`)).text();
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('consumer_events_total{') && !line.includes('outcome="duplicate"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function processedByInventory(): Promise<number> {
  const { rows } = await pipeline.databases.inventory.pool.query<{ count: number }>({
    text: 'select count(*) from pipeline.processed_events',
  });
  return rows[0]?.count ?? -1;
}

test('the inventory service is killed in the middle of a batch', async () => {
  const running = load(1);
  await running.reached(40);
  await whileWaiting(pipeline.databases.inventory.ownerUrl, lockOfStock, async () => {
    await pipeline.service('inventory').end('SIGKILL');
  });
  await pipeline.restart('inventory');
  await expectNothingLostOrDoubled(running);
});

test('the order service is killed with requests in the middle of their transactions', async () => {
  const running = load(2);
  await running.reached(40);
  await whileWaiting(pipeline.databases.orders.ownerUrl, lockOfCustomer, async () => {
    await pipeline.service('orders').end('SIGKILL');
  });
  await pipeline.restart('orders');
  await expectNothingLostOrDoubled(running);
  expect(running.retries).toBeGreaterThan(0);
});

test('the Connect worker is killed', async () => {
  const running = load(3);
  await running.reached(40);
  await kill('connect');
  await running.reached(70);
  await testStack().up();
  await expectNothingLostOrDoubled(running);
});

test('the Kafka broker is killed', async () => {
  const running = load(4);
  await running.reached(40);
  await kill('kafka');
  await running.reached(70);
  await testStack().up();
  await expectNothingLostOrDoubled(running);
});

test('Postgres is killed', async () => {
  const running = load(5);
  await running.reached(40);
  await kill('postgres');
  await testStack().up();
  await expectNothingLostOrDoubled(running);
  expect(running.retries).toBeGreaterThan(0);
});

test('Postgres is away for half a minute, from the middle of a batch on', async () => {
  const instance = pipeline.service('inventory');
  const joins = joinsOf(instance).times;
  const running = load(7);
  await running.reached(40);
  const strike = (): Promise<void> => kill('postgres');
  // Whether the lock's own transaction still ends well is a race: backends outlive their postmaster for a moment.
  await whileWaiting(pipeline.databases.inventory.ownerUrl, lockOfStock, strike).catch(() => undefined);
  expect(testStack().resource('postgres').pid()).toBeUndefined();
  const back = Date.now() + OUTAGE_MS;
  await waitUntil(() => Date.now() >= back, { timeoutMs: OUTAGE_MS + 5_000, what: 'the outage to be over' });
  await testStack().up();
  await expectNothingLostOrDoubled(running);
  // It kept its session and its partitions all the while, three session timeouts long.
  expect(joinsOf(instance).times).toBe(joins);
});

test('the inventory service is stopped between batches, replaced, and wakes up again', async () => {
  const zombie = pipeline.service('inventory');
  const before = { processed: await processedByInventory(), zombie: await tookIn(zombie) };
  const joinsBefore = joinsOf(zombie).times;
  // Nothing is under way: it sleeps without a transaction.
  zombie.signal('SIGSTOP');
  const successor = await addSuccessor();
  const running = load(8);
  await hasAllPartitions(successor);
  zombie.signal('SIGCONT');
  await waitUntil(() => joinsOf(zombie).times > joinsBefore, {
    timeoutMs: 40_000,
    what: 'the stopped instance to come back to the group',
  });
  await expectNothingLostOrDoubled(running);
  const taken = (await tookIn(zombie)) - before.zombie + (await tookIn(successor));
  expect(taken).toBe((await processedByInventory()) - before.processed);
});

test('the inventory service is stopped in the middle of a batch, replaced, and wakes up again', async () => {
  const zombie = pipeline.service('inventory');
  const before = { processed: await processedByInventory(), zombie: await tookIn(zombie) };
  const running = load(6);
  await running.reached(40);
  await whileWaiting(pipeline.databases.inventory.ownerUrl, lockOfStock, () => zombie.signal('SIGSTOP'));
  const joinsBefore = joinsOf(zombie).times;
  const saidBefore = zombie.log().length;
  const successor = await addSuccessor();
  await hasAllPartitions(successor);
  // The successor must be able to work on what the sleeper has in its hands.
  const sleeping = running.acknowledged.filter(({ cancelled }) => !cancelled).at(-1);
  await shopOf(pipeline).settled(sleeping?.orderId ?? '');
  zombie.signal('SIGCONT');
  await waitUntil(() => joinsOf(zombie).times > joinsBefore, {
    timeoutMs: 40_000,
    what: 'the stopped instance to come back to the group',
  });
  await expectNothingLostOrDoubled(running);
  // No event was taken in by both: what the sleeper had in its hands, it let go of.
  const taken = (await tookIn(zombie)) - before.zombie + (await tookIn(successor));
  expect(taken).toBe((await processedByInventory()) - before.processed);
  // It did wake up with a batch in its hands: its transaction was gone, and it tried again.
  expect(zombie.log().slice(saidBefore)).toContain('could not apply a batch, trying again');
});
