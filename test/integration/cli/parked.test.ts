import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import type { TallyChange } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testStackEnv } from '../../support/test-stack.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tally holds stands in the database of sales, under that consumer's name. */
let tally: TallyFixture;
let orders: TestDatabase;
let inventory: TestDatabase;
const broken = new Set<string>();
beforeAll(async () => {
  orders = await createTestDatabase('orders');
  inventory = await createTestDatabase('inventory');
});
afterAll(async () => {
  await orders.drop();
  await inventory.drop();
});
beforeEach(async () => {
  broken.clear();
  tally = await createTallyFixture({ consumer: 'sales' });
});
afterEach(() => tally.close());

const onHandle = ({ key, keySeq }: TallyChange): void => {
  if (broken.has(`${key}${keySeq}`)) throw new Error(`not ${key}${keySeq}`);
};

async function outbox(...words: readonly string[]): Promise<Ended> {
  const env = {
    ...testStackEnv(),
    ORDERS_OPS_DATABASE_URL: orders.opsUrl,
    INVENTORY_OPS_DATABASE_URL: inventory.opsUrl,
    SALES_OPS_DATABASE_URL: tally.database.opsUrl,
    PATH: process.env['PATH'] ?? '',
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['src/cli/outbox.ts', 'parked', ...words],
      { env },
    );
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

/** a is parked at 2 of 4, b parked at its unknown type, w waits for 2. */
async function threeHeldKeys(): Promise<void> {
  broken.add('a2');
  const [w1, , w3] = countedEvents('w', 3);
  if (w1 === undefined || w3 === undefined) return;
  const unheard = testEvent({ type: 'Unheard', key: 'b', keySeq: 1, payload: {} });
  await produceEvents(tally.topic, [...countedEvents('a', 4), unheard, w1, w3]);
  await tally.heldAre({ a: 3, b: 1, w: 1 });
}

test('list and show say over all databases what is held and why, and filter it', async () => {
  expect(await outbox('list')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Nothing is held') as string,
  });
  await tally.start({ onHandle });
  await threeHeldKeys();
  const list = await outbox('list');
  expect(list.code).toBe(0);
  expect(list.stdout).toMatch(
    /sales +a +parked +\d+ (ms|s) +3 +Counted 2 +1\n +event_handler_failed: .*not a2/,
  );
  expect(list.stdout).toMatch(/sales +w +waiting .* Counted 3 .*\n +event_gap: Sequence 2 is expected next/);
  const keysOf = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await outbox('list', '--json', ...words);
    return (JSON.parse(stdout) as { key: string }[]).map(({ key }) => key).sort();
  };
  expect(await keysOf()).toEqual(['a', 'b', 'w']);
  expect(await keysOf('--type', 'Counted')).toEqual(['a', 'w']);
  expect(await keysOf('--reason', 'NOT A2')).toEqual(['a']);
  expect(await keysOf('--key', 'b', '--consumer', 'sales')).toEqual(['b']);
  expect(await keysOf('--consumer', 'orders')).toEqual([]);
  expect(await outbox('list', '--consumer', 'sails')).toMatchObject({ code: 2 });
  const show = await outbox('show', '--key', 'a', '--events', '2');
  expect(show.stdout).toMatch(/Error: not a2[^]* at (Object\.)?onHandle /);
  expect(show.stdout).toMatch(
    / 2 {2}Counted {2}[0-9a-f-]{36} {2}partition 0, offset 1, .*\n +3 {2}Counted .*\n +and 1 more/,
  );
  expect(await outbox('show', '--key', 'nobody')).toMatchObject({ code: 1 });
});

test('redrive does nothing in a dry run, says what still fails, and lets keys flow once that is mended', async () => {
  await tally.start({ onHandle });
  await threeHeldKeys();
  const dry = await outbox('redrive', '--key', 'a', '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^would run the queue of sales a/) as string,
  });
  expect((await tally.held()).every(({ request, answer }) => request === null && answer === null)).toBe(true);
  const failing = await outbox('redrive', '--key', 'a', '--by', 'otto');
  expect(failing.code).toBe(1);
  expect(failing.stdout).toMatch(/sales a: still held: .*not a2/);
  broken.clear();
  expect(await outbox('redrive', '--json')).toMatchObject({ code: 1 });
  await tally.heldAre({ b: 1, w: 1 });
  expect((await tally.entries()).filter(({ key }) => key === 'a')).toHaveLength(4);
  expect(await tally.decisions()).toMatchObject([{ decision: 'redriven', key: 'a', key_seq: 2 }]);
});

test('discard and skip need a reason and a yes, and keep who did it and why', async () => {
  await tally.start({ onHandle });
  await threeHeldKeys();
  expect(await outbox('discard', '--key', 'a', '--yes')).toMatchObject({ code: 2 });
  expect(await outbox('discard', '--key', 'a', '--reason', ' ', '--yes')).toMatchObject({ code: 2 });
  const unasked = await outbox('discard', '--key', 'a', '--reason', 'nonsense');
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') as string });
  expect(unasked.stdout).toMatch(/^would discard the first event of sales a/);
  await tally.heldAre({ a: 3, b: 1, w: 1 });
  const discard = await outbox('discard', '--key', 'a', '--reason', 'nonsense', '--by', 'otto', '--yes');
  expect(discard).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('sales a: flows again') as string,
  });
  const skip = await outbox('skip', '--reason', 'lost', '--by', 'otto', '--yes', '--json');
  expect(skip.code).toBe(0);
  expect(JSON.parse(skip.stdout)).toEqual([
    { consumer: 'sales', key: 'w', result: 'released', answer: null },
  ]);
  expect(await tally.decisions()).toEqual([
    { decision: 'discarded', key: 'a', key_seq: 2, who: 'otto', why: 'nonsense' },
    { decision: 'skipped', key: 'w', key_seq: 2, who: 'otto', why: 'lost' },
  ]);
  await tally.heldAre({ b: 1 });
});

test('a request outlives the consumer: without one it says so, and the next one does it', async () => {
  const consumer = await tally.start({ onHandle });
  await threeHeldKeys();
  await consumer.stop();
  const asked = await outbox('redrive', '--key', 'a', '--wait', '500ms');
  expect(asked).toMatchObject({ code: 1, stdout: expect.stringContaining('does not seem to run') as string });
  expect(await outbox('redrive', '--key', 'a', '--wait', '500ms')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not asked: redrive was asked for before') as string,
  });
  broken.clear();
  await tally.start({ onHandle });
  await waitUntil(async () => (await tally.held()).every(({ key }) => key !== 'a'), {
    timeoutMs: 60_000,
    what: 'a to flow again',
  });
  expect((await tally.entries()).filter(({ key }) => key === 'a').map(({ key_seq }) => key_seq)).toEqual([
    1, 2, 3, 4,
  ]);
});
