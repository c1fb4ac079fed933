import { randomUUID } from 'node:crypto';
import type { QueryConfig } from 'pg';
import type { Effect } from '../../../src/consumer/define-consumer.ts';
import type { Encoder } from '../../../src/events/encoder.ts';
import { adjustStock } from '../../../src/inventory/adjust-stock.ts';
import { applyStock } from '../../../src/inventory/apply-stock.ts';
import { checkStock } from '../../../src/inventory/check-stock.ts';
import type { StockChange } from '../../../src/inventory/decide-stock.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import {
  applyBatch,
  effectOf,
  emptyInventory,
  encoderOf,
  line,
  now,
  readOutbox,
  readStock,
  seed,
} from './inventory-setup.ts';

let database: TestDatabase;
let encoder: Encoder;

beforeAll(async () => {
  database = await createTestDatabase('inventory');
  encoder = await encoderOf(database.pool);
});
afterEach(() => emptyInventory(database.adminUrl));
afterAll(() => database.drop());

const skus = Array.from({ length: 12 }, (_, i) => `sku ${i}`);
const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;
const someLines = () => Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => line(pick(skus), 1));

/** What one partition brings: orders, cancellations of its own earlier orders, returns, also of skus never entered. */
function batchOf(partition: number, placed: string[], size: number): Effect<StockChange>[] {
  return Array.from({ length: size }, () => {
    const key = `customer ${partition}-${Math.floor(Math.random() * 20)}`;
    const dice = Math.random();
    if (dice < 0.2 && placed.length > 0) return effectOf({ kind: 'release', orderId: pick(placed) }, key);
    if (dice < 0.3) {
      const lines = [...someLines(), line(`new ${Math.floor(Math.random() * 40)}`, 1)];
      return effectOf({ kind: 'restock', returnId: randomUUID(), lines }, key);
    }
    const orderId = randomUUID();
    placed.push(orderId);
    return effectOf({ kind: 'reserve', orderId, lines: someLines() }, key);
  });
}

test('partitions that fight for the same skus, and counts between them, neither deadlock nor oversell', async () => {
  const { pool } = database;
  await seed(pool, encoder, Object.fromEntries(skus.map((sku) => [sku, 60])));
  const outcomes: string[] = [];
  const partition = async (number: number): Promise<void> => {
    const placed: string[] = [];
    for (let round = 0; round < 25; round += 1) {
      outcomes.push(...(await applyBatch(pool, encoder, batchOf(number, placed, 40))));
    }
  };
  const counting = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      const counts = [...skus].reverse().map((sku) => ({ sku, onHand: 100_000 + round }));
      const mixed =
        round % 2 === 0 ? counts : [...counts, { sku: `new ${round % 40}`, onHand: 100_000 + round }];
      // Raising only every tenth time leaves shortages for the orders to run into.
      const chosen = round % 10 === 0 ? mixed.slice(0, 2) : mixed.slice(12);
      if (chosen.length > 0) await adjustStock({ pool, encoder, clock: () => now }, chosen, null);
    }
  };
  // Any deadlock, unique violation or broken check rejects here.
  await Promise.all([partition(0), partition(1), partition(2), partition(3), counting()]);

  for (const outcome of ['reserved', 'rejected', 'released', 'restocked'])
    expect(outcomes).toContain(outcome);
  for (const [onHand, reserved] of Object.values(await readStock(pool))) {
    expect(reserved).toBeGreaterThanOrEqual(0);
    expect(onHand).toBeGreaterThanOrEqual(reserved);
  }
  expect(await checkStock(pool)).toEqual([]);
  const said = await readOutbox(pool, 'StockAdjusted');
  const answered = outcomes.filter((o) => ['reserved', 'rejected', 'released', 'restocked'].includes(o));
  expect(said).toHaveLength(answered.length);
});

test('one last piece goes to exactly one of many orders that ask at once', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 1 });
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      applyBatch(pool, encoder, [
        effectOf({ kind: 'reserve', orderId: randomUUID(), lines: [line('cup', 1)] }, `customer ${i}`),
      ]),
    ),
  );
  expect(outcomes.flat().sort()).toEqual([...Array<string>(7).fill('rejected'), 'reserved']);
  expect(await readStock(pool)).toEqual({ cup: [1, 1] });
});

test('returns that enter the same new skus at once, each in its own order, do not deadlock', async () => {
  const { pool } = database;
  for (let round = 0; round < 5; round += 1) {
    const fresh = Array.from({ length: 500 }, (_, i) => `fresh ${round}-${i}`);
    const shuffled = () => fresh.toSorted(() => Math.random() - 0.5);
    const giveBack = (i: number) => {
      const lines = shuffled().map((sku) => line(sku, 1));
      return applyBatch(pool, encoder, [
        effectOf({ kind: 'restock', returnId: randomUUID(), lines }, `customer ${i}`),
      ]);
    };
    await Promise.all([0, 1, 2, 3].map(giveBack));
    const levels = await readStock(pool);
    for (const sku of fresh) expect(levels[sku]).toEqual([4, 0]);
  }
  expect(await checkStock(pool)).toEqual([]);
});

const underTwoKeys: [string, StockChange][] = [
  ['order', { kind: 'reserve', orderId: randomUUID(), lines: [line('cup', 2)] }],
  ['return', { kind: 'restock', returnId: randomUUID(), lines: [line('cup', 2)] }],
];

test.each(underTwoKeys)(
  'one %s under two keys at once is applied once: the second batch fails as a race, and at the next try sees it',
  async (_, change) => {
    const { pool } = database;
    await seed(pool, encoder, { cup: 5 });
    const first = await pool.connect();
    await first.query('begin; set local search_path to inventory');
    const tx = { query: (statement: QueryConfig) => first.query(statement) } as unknown as Transaction;
    await applyStock(tx, encoder, [effectOf(change, 'ann')], { now, consumer: 'inventory' });
    // It has looked, seen no decision, and waits for the stock that the first one holds.
    const second = applyBatch(pool, encoder, [effectOf(change, 'bob')]);
    const outcome = expect(second).rejects.toMatchObject({ code: 'dedupe_race' });
    await waitUntil(() => isWaiting(pool), {
      timeoutMs: 60_000,
      what: 'the second batch to wait for a lock',
    });
    await first.query('commit');
    first.release();
    await outcome;
    const [again] = await applyBatch(pool, encoder, [effectOf(change, 'bob')]);
    expect(again).toMatch(/^already-/);
    expect(await readStock(pool)).toEqual({ cup: change.kind === 'reserve' ? [5, 2] : [7, 0] });
    expect(await checkStock(pool)).toEqual([]);
  },
);

async function isWaiting(db: Queryable): Promise<boolean> {
  const { rows } = await db.query({
    text: `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  });
  return rows.length > 0;
}
