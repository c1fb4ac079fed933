import { v7 } from 'uuid';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import type { Story, StoryHop } from '../../src/operate/trace/story.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
import { sayImpossibleOrder } from '../support/say-impossible-order.ts';
import { shopOf, type Shop } from '../support/shop.ts';
import { startTestPipeline, type TestPipeline } from '../support/test-pipeline.ts';
import { stackValue } from '../support/test-stack.ts';

let pipeline: TestPipeline;
let shop: Shop;
let commands: PipelineCommands;

beforeAll(async () => {
  pipeline = await startTestPipeline();
  shop = shopOf(pipeline);
  commands = commandsOf(pipeline);
});
afterAll(async () => {
  commands.close();
  await pipeline.stop();
});

async function traced(id: string, ...more: string[]): Promise<{ code: number; story: Story }> {
  const { code, stdout, stderr } = await commands.outbox(['trace', id, '--json', ...more]);
  if (stdout === '') throw new Error(stderr);
  return { code, story: JSON.parse(stdout) as Story };
}

/** Waits until the story is as it should be. */
const storyWhere = (id: string, isSo: (story: Story) => boolean): Promise<{ code: number; story: Story }> =>
  waitUntil(
    async () => {
      const found = await traced(id);
      return isSo(found.story) && found;
    },
    { timeoutMs: 60_000, everyMs: 500, what: `the story of ${id}` },
  );

const settled = (id: string) => storyWhere(id, (story) => story.settled);
const hopNames = ({ hops }: Story): string[] =>
  hops.map(({ kind, where, eventType }) => `${kind} ${where.replace(/^.*-(?=\w+-outbox)/, '')} ${eventType}`);
const hopOf = ({ hops }: Story, kind: StoryHop['kind'], where: string): StoryHop | undefined =>
  hops.find((hop) => hop.kind === kind && hop.where === where);

test('a settled order is told from the request to the last consumer, each answer behind what it answers', async () => {
  await shop.setStock('lamp', 10);
  const { orderId } = await shop.place('ada', { lamp: 4 });
  const { code, story } = await settled(orderId);
  expect(code).toBe(0);
  expect(story).toMatchObject({
    subject: orderId,
    keys: ['ada'],
    status: 'CONFIRMED',
    stuck: null,
    problems: [],
  });
  expect(hopNames(story)).toEqual([
    'request orders OrderPlaced',
    'commit orders OrderPlaced',
    'kafka orders-outbox OrderPlaced',
    'consumer inventory OrderPlaced',
    'commit inventory StockReserved',
    'kafka inventory-outbox StockReserved',
    'consumer orders StockReserved',
    'commit orders OrderConfirmed',
    'kafka orders-outbox OrderConfirmed',
    'consumer inventory OrderConfirmed',
    'consumer sales OrderConfirmed',
    'consumer sales OrderPlaced',
  ]);
  for (const { state, at, durationMs, follows } of story.hops) {
    expect(state).toBe('done');
    expect(Date.parse(at ?? '')).not.toBeNaN();
    if (follows !== null) expect(durationMs).toBeGreaterThanOrEqual(0);
  }
  expect(hopOf(story, 'kafka', pipeline.connectors[1]?.name ?? '')?.facts).toMatchObject({
    topic: 'orders.events',
  });
  const picture = await commands.outbox(['trace', orderId]);
  expect(picture.stdout).toContain('CONFIRMED');
  expect(picture.stdout).toContain('stock reserved: 4 lamp');
});

test('a rejected order, and one that was cancelled, are told to their end; an event id leads to the same story', async () => {
  const rejected = await shop.place('bob', { 'no-such-sku': 1 });
  const { story } = await settled(rejected.orderId);
  expect(story.status).toBe('REJECTED');
  expect(hopNames(story)).toContain('commit inventory StockRejected');

  await shop.setStock('vase', 1);
  const cancelled = await shop.place('cyd', { vase: 1 });
  await shop.settled(cancelled.orderId);
  await shop.cancel(cancelled.orderId);
  const { story: whole } = await settled(cancelled.orderId);
  expect(whole.status).toBe('CANCELLED');
  expect(hopNames(whole)).toContain('commit inventory StockReleased');
  const released = whole.hops.find(({ eventType }) => eventType === 'StockReleased');
  expect((await traced(released?.eventId ?? '')).story).toEqual(whole);
});

test('of several orders of a customer the newest come first, and --order takes one', async () => {
  const first = await shop.place('dee', { lamp: 1 });
  const second = await shop.place('dee', { lamp: 1 });
  const { code, stdout } = await commands.outbox(['trace', 'dee']);
  expect(code).toBe(1);
  expect(stdout.indexOf(second.orderId)).toBeGreaterThan(0);
  expect(stdout.indexOf(second.orderId)).toBeLessThan(stdout.indexOf(first.orderId));
  expect((await traced('dee', '--order', first.orderId)).story.subject).toBe(first.orderId);
  expect((await commands.outbox(['trace', 'ada', '--order', first.orderId])).code).toBe(1);
});

test('an order that Debezium does not read, since its connector is paused, is said to be stuck there', async () => {
  const name = pipeline.connectors.find((one) => one.name.endsWith('orders-outbox'))?.name ?? '';
  const client = createConnectClient({ url: stackValue('CONNECT_URL') });
  await client.pause(name);
  await waitUntil(async () => (await client.status(name))?.tasks[0]?.state === 'PAUSED', {
    timeoutMs: 30_000,
    what: 'the task to pause',
  });
  const { orderId } = await shop.place('eve', { lamp: 1 });
  const { code, story } = await traced(orderId);
  expect(code).toBe(1);
  expect(story).toMatchObject({ settled: false, status: 'PLACED', problems: [] });
  expect(story.stuck).toMatchObject({ where: name });
  expect(story.stuck?.sentence).toMatch(/^Not yet read by Debezium: .*PAUSED/);
  expect(hopOf(story, 'consumer', 'inventory')).toMatchObject({ state: 'waiting', at: null });
  await client.resume(name);
  expect((await settled(orderId)).code).toBe(0);
});

test('an order whose event a consumer can not apply is said to be parked, and the next of its key to be behind it', async () => {
  const parked = await sayImpossibleOrder(pipeline.databases.orders.pool, 'pia');
  const { code, story } = await storyWhere(
    parked,
    (now) => hopOf(now, 'consumer', 'inventory')?.state === 'parked',
  );
  expect(code).toBe(1);
  expect(story.stuck).toMatchObject({ where: 'inventory' });
  expect(story.stuck?.sentence).toContain('npx outbox parked redrive --consumer inventory --key pia');
  expect(hopOf(story, 'consumer', 'sales')?.state).toBe('done');

  const behind = await shop.place('pia', { lamp: 1 });
  const { story: next } = await storyWhere(
    behind.orderId,
    (now) => hopOf(now, 'consumer', 'inventory')?.detail.startsWith('Behind 1 of its key') === true,
  );
  expect(next.stuck).toMatchObject({ where: 'inventory' });

  await commands.outbox([
    'parked',
    'discard',
    '--consumer',
    'inventory',
    '--key',
    'pia',
    '--reason',
    'a test',
    '--by',
    'olga',
    '--yes',
  ]);
  expect((await settled(behind.orderId)).story.status).toBe('CONFIRMED');
  const { story: after } = await settled(parked);
  expect(hopOf(after, 'consumer', 'inventory')?.detail).toBe('discarded, discarded by olga, a test');
});

test('an order that a stopped consumer has not read waits there', async () => {
  await pipeline.service('inventory').end('SIGTERM');
  const { orderId } = await shop.place('fay', { lamp: 1 });
  const { story } = await storyWhere(orderId, (now) => hopOf(now, 'consumer', 'sales')?.state === 'done');
  expect(hopOf(story, 'consumer', 'inventory')).toMatchObject({ state: 'waiting', at: null });
  expect(story.stuck?.sentence).toMatch(/^Has not come to it: next is offset \d+ of partition \d/);
  await pipeline.restart('inventory');
  await settled(orderId);
});

test('what nobody has said is not found; without the id it is wrong usage, without the database nothing is told', async () => {
  const unknown = await commands.outbox(['trace', v7()]);
  expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing is known') as string });
  expect((await commands.outbox(['trace'])).code).toBe(2);
  expect((await commands.outbox(['trace', ''])).code).toBe(2);
  const nowhere = 'postgres://orders_ops:x@127.0.0.1:1/orders';
  const away = { ORDERS_OPS_DATABASE_URL: nowhere };
  expect((await commands.outbox(['trace', v7()], away)).code).toBe(3);
});
