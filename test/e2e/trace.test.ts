import { v7 } from 'uuid';
import { createConnectClient } from '../../src/connect/connect-client.ts';
import type { Story, StoryHop } from '../../src/operate/trace/story.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createPool } from '../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../src/platform/wait-until.ts';
import { sayImpossibleOrder } from '../support/say-impossible-order.ts';
import { commandsOf, type PipelineCommands } from '../support/pipeline-commands.ts';
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
    { timeoutMs: 60_000, everyMs: 100, what: `the story of ${id}` },
  );

const settled = (id: string) => storyWhere(id, (story) => story.settled);
const hopNames = ({ hops }: Story): string[] =>
  hops.map(({ kind, where, eventType }) => `${kind} ${where.replace(/^.*-(?=\w+-outbox)/, '')} ${eventType}`);
const hopOf = ({ hops }: Story, kind: StoryHop['kind'], where: string): StoryHop | undefined =>
  hops.find((hop) => hop.kind === kind && hop.where === where);

test('a settled order is told from the request to the last consumer, each answer behind what it answers', async () => {
  await shop.setStock('lamp', 100);
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

test('an order that goes on while it is looked at is never told as settled too early, nor an event as lost', async () => {
  const wrong: unknown[] = [];
  for (let n = 0; n < 8; n += 1) {
    const { orderId } = await shop.place('kim', { lamp: 1 });
    const { story } = await storyWhere(orderId, ({ settled: isSettled, hops, problems }) => {
      wrong.push(...hops.filter(({ state }) => state === 'missing' || state === 'parked'), ...problems);
      return isSettled;
    });
    expect(story.status).toBe('CONFIRMED');
  }
  expect(wrong).toEqual([]);
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
    // Sales can apply it, at a time of its own.
    (now) =>
      hopOf(now, 'consumer', 'inventory')?.state === 'parked' &&
      hopOf(now, 'consumer', 'sales')?.state === 'done',
  );
  expect(code).toBe(1);
  expect(story.stuck).toMatchObject({ where: 'inventory' });
  expect(story.stuck?.sentence).toContain('npx outbox parked redrive --consumer inventory --key pia');

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
  expect(story.stuck?.sentence).toMatch(
    /^Stopped: no instance of inventory runs; next is offset \d+ of partition \d, \d+ behind\. Start inventory\./,
  );
  await pipeline.restart('inventory');
  await settled(orderId);
});

test('an order behind a gap of its key waits for the number that is missing', async () => {
  await settled((await shop.place('gil', { lamp: 1 })).orderId);
  // What an event that was lost on its way leaves behind.
  await asSuperuser(`update pipeline.outbox_keys set last_seq = last_seq + 1 where key = 'gil'`);
  const { orderId } = await shop.place('gil', { lamp: 1 });
  const { code, story } = await storyWhere(
    orderId,
    (now) => hopOf(now, 'consumer', 'inventory')?.facts.attempts !== undefined,
  );
  expect(code).toBe(1);
  expect(story.stuck).toMatchObject({ where: 'inventory' });
  expect(story.stuck?.sentence).toMatch(/^Key gil waits for its event #3, which has not come \(this is #4\)/);
  for (const consumer of ['inventory', 'sales'])
    await commands.outbox([
      'parked',
      'skip',
      '--consumer',
      consumer,
      '--key',
      'gil',
      '--reason',
      'a test',
      '--yes',
    ]);
  expect((await settled(orderId)).story.status).toBe('CONFIRMED');
});

test('a return is told to its end, as the newest of its customer', async () => {
  const placed = await shop.place('hal', { lamp: 2 });
  await settled(placed.orderId);
  const answer = await fetch(`${pipeline.service('orders').url}/returns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ orderId: placed.orderId, customerId: 'hal', country: 'France' },
      lines: [{ sku: 'lamp', quantity: 1, unitPriceMinor: 250 }],
    }),
  });
  expect(answer.status).toBeLessThan(300);
  const { returnId } = (await answer.json()) as { returnId: string };
  const { story } = await settled(returnId);
  expect(story.status).toBe('RETURNED');
  expect(hopNames(story)).toContain('commit inventory StockRestocked');
  const { stdout } = await commands.outbox(['trace', 'hal', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    subjects: [
      { aggregateId: returnId, key: 'hal', status: 'RETURNED' },
      { aggregateId: placed.orderId, key: 'hal', status: 'CONFIRMED' },
    ],
    lookedSince: expect.stringMatching(/Z$/) as string,
  });
});

test('of an event whose row is dropped by retention it is told what consumers recorded', async () => {
  const { orderId } = await shop.place('ida', { lamp: 1 });
  const { story } = await settled(orderId);
  const eventId = story.hops[0]?.eventId ?? '';
  await asSuperuser(`delete from pipeline.outbox where event_id = '${eventId}'`);
  const { code, stdout } = await commands.outbox(['trace', eventId]);
  expect(code).toBe(1);
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    /dropped by retention; consumers recorded it: .*inventory: reserved at .*offset \d+/,
  );
  // Its order is still there, and says what it answers to is not.
  const { story: rest } = await traced(orderId);
  expect(rest.status).toBe('CONFIRMED');
  expect(rest.hops[0]?.detail).toContain('dropped by retention');
});

test.each(['', 'a\tb', 'x'.repeat(201)])('%j is no id: wrong usage that says why', async (id) => {
  const { code, stderr } = await commands.outbox(['trace', id]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^The id must /);
});

test('what nobody has said is not found; without the id it is wrong usage, without the database nothing is told', async () => {
  const unknown = await commands.outbox(['trace', v7()]);
  expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing is known') as string });
  expect((await commands.outbox(['trace'])).code).toBe(2);
  const nowhere = 'postgres://orders_ops:x@127.0.0.1:1/orders';
  const away = { ORDERS_OPS_DATABASE_URL: nowhere };
  expect((await commands.outbox(['trace', v7()], away)).code).toBe(3);
});

/** What only a superuser may do to the outbox of the orders. */
async function asSuperuser(text: string): Promise<void> {
  const admin = createPool({
    ...{
      connectionString: pipeline.databases.orders.adminUrl,
      applicationName: 'test',
      log: silentLog,
      max: 1,
    },
  });
  await admin.query({ text }).finally(() => admin.end());
}
