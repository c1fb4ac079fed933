import { v7 } from 'uuid';
import { brokersOf, extraPorts } from '../../scripts/stack/cluster-parts.ts';
import { sendUntilAnswered } from '../../scripts/demo/send-until-answered.ts';
import { freePorts } from '../../scripts/stack/free-ports.ts';
import type { ResourceName } from '../../scripts/stack/resource.ts';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import { isRunning } from '../../src/connect/connector-status.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { killNow } from '../chaos/faults/kill-part.ts';
import { allEventsApplied } from '../support/all-events-applied.ts';
import { activeController, copiesInSync } from '../support/broker-cluster.ts';
import { checkInvariants } from '../support/invariants/check-invariants.ts';
import { checkLogs } from '../support/invariants/check-logs.ts';
import { checkRecords } from '../support/invariants/check-records.ts';
import { startOwnStack, stopOwnStack } from '../support/own-stack.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { readTopic } from '../support/read-topic.ts';
import { loadStock, startLoad } from '../support/shop-load.ts';
import type { AcknowledgedOrder, ShopLoad } from '../support/shop-load.ts';
import { shopOf } from '../support/shop.ts';
import { startTestPipeline } from '../support/test-pipeline.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';
import { stackValue, testStack, testStackEnv } from '../support/test-stack.ts';

const topics = ['orders.events', 'inventory.events'] as const;
const customers = ['ann', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hana'] as const;

// Three brokers that keep three copies and acknowledge with two, and two workers. What one fault leaves behind is there for the next.
let pipeline: TestPipeline;
let commands: PipelineCommands;
const acknowledged: AcknowledgedOrder[] = [];

beforeAll(async () => {
  // The first broker's and worker's ports are drawn again with the others', so that all differ.
  await startOwnStack('brokers', { ...(await freePorts(extraPorts)), REPLICATION_FACTOR: '3' });
  pipeline = await startTestPipeline();
  commands = commandsOf(pipeline);
  for (const [sku, onHand] of Object.entries(loadStock)) await shopOf(pipeline).setStock(sku, onHand);
});
afterAll(async () => {
  try {
    await testStack().up();
    await pipeline.stop();
    commands.close();
  } finally {
    await stopOwnStack();
  }
});

const load = (seed: number): ShopLoad =>
  startLoad(pipeline, { seed, ordersPerSecond: 10, atLeast: 60, atMost: 2_000 });

/** Orders go on to be acknowledged: the order service needs Postgres alone. */
const goesOn = (running: ShopLoad): Promise<void> => running.reached(running.acknowledged.length + 20);

const inTopics = (copies: number): Promise<void> =>
  copiesInSync(
    topics.map((topic) => pipeline.topicPrefix + topic),
    copies,
  );

/** One order of each of some customers, so that every partition has to work. */
async function placeOrders(): Promise<string[]> {
  const url = `${pipeline.service('orders').url}/orders`;
  return Promise.all(
    customers.map(async (customerId) => {
      const reference = v7();
      const lines = [{ sku: 'sku-1', quantity: 1, unitPriceMinor: 100 }];
      const body = { customerId, country: 'France', lines, reference };
      const request = { method: 'POST', url, body, idempotencyKey: reference } as const;
      const answer = await sendUntilAnswered(request, { giveUpAfterMs: 20_000 });
      expect(answer.status).toBe(201);
      const { orderId } = answer.body as { orderId: string };
      acknowledged.push({ reference, orderId, cancelled: false });
      return orderId;
    }),
  );
}

/** Events go through every partition again, each order within a minute. */
async function allSettled(orderIds: readonly string[]): Promise<void> {
  for (const orderId of orderIds) await shopOf(pipeline).settled(orderId);
}

async function expectNothingLostOrDoubled(finished: ShopLoad): Promise<void> {
  await finished.finish();
  acknowledged.push(...finished.acknowledged);
  await allEventsApplied(pipeline);
  expect(await checkInvariants(pipeline.databases, acknowledged)).toEqual([]);
}

async function killBroker(name: ResourceName, running: ShopLoad): Promise<void> {
  await killNow(name);
  await goesOn(running);
  await allSettled(await placeOrders());
}

test('a broker that is not the controller is killed', async () => {
  const victim = brokersOf(testStackEnv()).find(({ name }) => name !== activeController())?.name ?? 'kafka';
  const running = load(1);
  await running.reached(20);
  await killBroker(victim, running);
  // With two copies of three it goes on, and stays with two until the broker is back.
  await inTopics(2);
  const { stdout } = await commands.outbox(['doctor']);
  expect(stdout).toContain('partitions miss a copy');
  await expectNothingLostOrDoubled(running);
  await testStack().up();
  await inTopics(3);
});

test('the controller, which leads partitions, too, is killed', async () => {
  const victim = activeController();
  const running = load(2);
  await running.reached(20);
  await killBroker(victim, running);
  expect(activeController()).not.toBe(victim);
  await expectNothingLostOrDoubled(running);
  await testStack().up();
  await inTopics(3);
});

test('two brokers of three are killed: nothing flows, nothing is lost, and it goes on when they are back', async () => {
  const survivor = brokersOf(testStackEnv()).find(({ name }) => name !== activeController())?.name;
  const victims = brokersOf(testStackEnv()).filter(({ name }) => name !== survivor);
  const running = load(3);
  await running.reached(20);
  for (const { name } of victims) await killNow(name);
  const placed = await placeOrders();
  const waiting = await Promise.all(
    placed.map(async (orderId) => {
      const url = `${pipeline.service('orders').url}/orders/${orderId}?waitFor=settled&timeoutMs=5000`;
      return ((await (await fetch(url)).json()) as { status: string }).status;
    }),
  );
  await goesOn(running);
  expect(new Set(waiting)).toEqual(new Set(['PLACED']));
  await testStack().up();
  await allSettled(placed);
  await expectNothingLostOrDoubled(running);
  await inTopics(3);
});

test('the worker that runs the orders connector is killed, and the other one takes over', async () => {
  const client = createConnectClient({ url: stackValue('CONNECT_URL') });
  const name = pipeline.connectors.find((one) => one.name.endsWith('orders-outbox'))?.name ?? '';
  const workerOf = async (): Promise<string> => (await client.status(name))?.tasks[0]?.worker_id ?? '';
  const before = await workerOf();
  const victim = testStack().resources.find(({ port }) => before.endsWith(`:${port}`))?.name ?? 'connect';
  const running = load(4);
  await running.reached(20);
  await killNow(victim);
  const placed = await placeOrders();
  await allSettled(placed);
  expect(await workerOf()).not.toBe(before);
  // One of the two addresses of CONNECT_URL answers nobody.
  const status = await waitUntil(
    async () => {
      const ended = await commands.outbox(['connectors', 'status']);
      return ended.code === 0 ? ended : undefined;
    },
    { timeoutMs: 30_000, what: 'the connectors to be healthy' },
  );
  expect(status.stdout).not.toContain(before);
  await testStack().up();
  await expectNothingLostOrDoubled(running);
  await waitUntil(
    async () =>
      (await Promise.all(pipeline.connectors.map((one) => client.status(one.name)))).every(
        (one) => one !== undefined && isRunning(one),
      ),
    { timeoutMs: 60_000, what: 'both connectors to run after the worker is back' },
  );
});

test('every row of the outboxes is in Kafka as it was written, and no process has seen an unhandled error', async () => {
  const { orders, inventory, sales } = pipeline.databases;
  const databases = {
    orders: orders.pool,
    inventory: inventory.pool,
    sales: sales.pool,
    close: () => Promise.resolve(),
  };
  const read = (topic: string) => readTopic(pipeline.topicPrefix + topic);
  expect(await checkRecords({ databases, acknowledged, planted: [] }, read, topics)).toEqual([]);
  const logs = pipeline.started.map(([name, one]) => [`${name} ${one.pid}`, one.log()] as const);
  expect(checkLogs(logs)).toEqual([]);
});
