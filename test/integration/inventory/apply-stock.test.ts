import { randomUUID } from 'node:crypto';
import type { Encoder } from '../../../src/events/encoder.ts';
import { checkStock } from '../../../src/inventory/check-stock.ts';
import { replyEventId } from '../../../src/outbox/reply-event-id.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';
import { applyStock } from '../../../src/inventory/apply-stock.ts';
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
  traceparent,
} from './inventory-setup.ts';

let database: TestDatabase;
let encoder: Encoder;

beforeAll(async () => {
  database = await createTestDatabase('inventory');
  encoder = await encoderOf(database.pool);
});
afterEach(() => emptyInventory(database.adminUrl));
afterAll(() => database.drop());

test('a batch moves the stock, records every decision and answers under the key of the cause', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5, pot: 1 });
  const [o1, o2, r1] = [randomUUID(), randomUUID(), randomUUID()];
  const [e1, e2, e3] = [randomUUID(), randomUUID(), randomUUID()];
  const outcomes = await applyBatch(pool, encoder, [
    effectOf({ kind: 'reserve', orderId: o1, lines: [line('cup', 2), line('pot', 1)] }, 'ann', e1),
    effectOf({ kind: 'reserve', orderId: o2, lines: [line('pot', 1)] }, 'bob', e2),
    effectOf({ kind: 'restock', returnId: r1, lines: [line('hat', 3), line('cup', 1)] }, 'ann', e3),
  ]);
  expect(outcomes).toEqual(['reserved', 'rejected', 'restocked']);
  expect(await readStock(pool)).toEqual({ cup: [6, 2], hat: [3, 0], pot: [1, 1] });
  const at = now.getTime();
  const common = { traceparent };
  expect(await readOutbox(pool, 'StockAdjusted')).toEqual([
    {
      ...common,
      type: 'StockReserved',
      key: 'ann',
      keySeq: 1,
      aggregateId: o1,
      eventId: replyEventId('inventory', e1, 'StockReserved'),
      payload: { orderId: o1, lines: [line('cup', 2), line('pot', 1)], reservedAt: at },
    },
    {
      ...common,
      type: 'StockRejected',
      key: 'bob',
      keySeq: 1,
      aggregateId: o2,
      eventId: replyEventId('inventory', e2, 'StockRejected'),
      payload: {
        orderId: o2,
        shortages: [{ sku: 'pot', requested: 1, available: 0, reason: 'OUT_OF_STOCK' }],
        rejectedAt: at,
      },
    },
    {
      ...common,
      type: 'StockRestocked',
      key: 'ann',
      keySeq: 2,
      aggregateId: r1,
      eventId: replyEventId('inventory', e3, 'StockRestocked'),
      payload: { returnId: r1, lines: [line('hat', 3), line('cup', 1)], restockedAt: at },
    },
  ]);
  expect(await checkStock(pool)).toEqual([]);
});

test('a later batch releases what an earlier one reserved, once, whatever the cancellation says', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5 });
  const orderId = randomUUID();
  await applyBatch(pool, encoder, [effectOf({ kind: 'reserve', orderId, lines: [line('cup', 2)] }, 'ann')]);
  const cancel = () => effectOf({ kind: 'release', orderId }, 'ann');
  expect(await applyBatch(pool, encoder, [cancel()])).toEqual(['released']);
  expect(await applyBatch(pool, encoder, [cancel(), cancel()])).toEqual([
    'already-released',
    'already-released',
  ]);
  expect(await readStock(pool)).toEqual({ cup: [5, 0] });
  expect((await readOutbox(pool, 'StockAdjusted')).map(({ type }) => type)).toEqual([
    'StockReserved',
    'StockReleased',
  ]);
  expect(await checkStock(pool)).toEqual([]);
});

test('a cancellation that comes first is remembered over batches', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5 });
  const orderId = randomUUID();
  expect(await applyBatch(pool, encoder, [effectOf({ kind: 'release', orderId }, 'ann')])).toEqual([
    'remembered',
  ]);
  const late = effectOf({ kind: 'reserve', orderId, lines: [line('cup', 2)] }, 'ann');
  expect(await applyBatch(pool, encoder, [late])).toEqual(['cancelled-first']);
  expect(await readStock(pool)).toEqual({ cup: [5, 0] });
  expect(await readOutbox(pool, 'StockAdjusted')).toEqual([]);
});

test('an order or return that comes again under another event id changes nothing', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5 });
  const [orderId, returnId] = [randomUUID(), randomUUID()];
  const twice = () => [
    effectOf({ kind: 'reserve', orderId, lines: [line('cup', 2)] }, 'ann'),
    effectOf({ kind: 'restock', returnId, lines: [line('cup', 1)] }, 'ann'),
  ];
  expect(await applyBatch(pool, encoder, twice())).toEqual(['reserved', 'restocked']);
  expect(await applyBatch(pool, encoder, twice())).toEqual(['already-decided', 'already-restocked']);
  expect(await readStock(pool)).toEqual({ cup: [6, 2] });
  expect(await readOutbox(pool, 'StockAdjusted')).toHaveLength(2);
});

test('a batch that is rolled back leaves nothing, and gives the same answers with the same ids at the second try', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5 });
  const batch = [
    effectOf({ kind: 'reserve', orderId: randomUUID(), lines: [line('cup', 2)] }, 'ann'),
    effectOf({ kind: 'restock', returnId: randomUUID(), lines: [line('hat', 2)] }, 'ann'),
  ];
  const dying = inTransaction(
    pool,
    async (tx) => {
      await applyStock(tx, encoder, batch, { now, consumer: 'inventory' });
      throw new Error('the process dies here');
    },
    { searchPath: ['inventory'] },
  );
  await expect(dying).rejects.toThrow('the process dies here');
  expect(await readStock(pool)).toEqual({ cup: [5, 0] });
  expect(await readOutbox(pool, 'StockAdjusted')).toEqual([]);
  await applyBatch(pool, encoder, batch);
  expect((await readOutbox(pool, 'StockAdjusted')).map(({ eventId }) => eventId)).toEqual([
    replyEventId('inventory', batch[0]?.event.eventId ?? '', 'StockReserved'),
    replyEventId('inventory', batch[1]?.event.eventId ?? '', 'StockRestocked'),
  ]);
});

test('the number of statements does not grow with the batch', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 1000 });
  const statementsFor = (orders: number): Promise<string[]> =>
    inTransaction(
      pool,
      async (tx) => {
        const names: string[] = [];
        const counting = {
          query: (statement: { name: string }) => {
            names.push(statement.name);
            return tx.query(statement as never);
          },
        };
        const effects = Array.from({ length: orders }, (_, i) => [
          effectOf({ kind: 'reserve', orderId: randomUUID(), lines: [line('cup', 1)] }, `customer ${i}`),
          effectOf({ kind: 'release', orderId: randomUUID() }, `customer ${i}`),
          effectOf({ kind: 'restock', returnId: randomUUID(), lines: [line('pot', 1)] }, `customer ${i}`),
        ]).flat();
        await applyStock(counting as unknown as Transaction, encoder, effects, {
          now,
          consumer: 'inventory',
        });
        return names;
      },
      { searchPath: ['inventory'] },
    );
  const small = await statementsFor(1);
  expect(small).toHaveLength(8);
  expect(await statementsFor(100)).toEqual(small);
});

test('the service may neither delete nor rewrite what it has recorded', async () => {
  const { pool } = database;
  for (const text of [
    'delete from inventory.stock',
    'delete from inventory.reservations',
    'update inventory.restocks set lines = lines',
    'update inventory_facts.stock_adjustments set delta = 0',
    'truncate inventory.stock',
    'create table inventory.more (id int)',
    'create table public.more (id int)',
  ]) {
    await expect(pool.query({ text })).rejects.toThrow(/permission denied/);
  }
});

test('the database itself refuses to promise more than there is', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5 });
  await expect(pool.query({ text: 'update inventory.stock set reserved = 6' })).rejects.toThrow(
    'stock_never_negative',
  );
  await expect(pool.query({ text: 'update inventory.stock set reserved = -1' })).rejects.toThrow(
    'stock_never_negative',
  );
});

test('the check finds stock that does not follow from the records', async () => {
  const { pool } = database;
  await seed(pool, encoder, { cup: 5, pot: 2 });
  await pool.query({ text: `update inventory.stock set on_hand = 4, reserved = 1 where sku = 'cup'` });
  expect(await checkStock(pool)).toEqual([
    { sku: 'cup', onHand: 4, adjustedAndRestocked: 5, reserved: 1, heldByOrders: 0 },
  ]);
});
