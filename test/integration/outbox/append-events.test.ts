import { inventoryEvents } from '../../../src/contracts/inventory-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import type { Encoder } from '../../../src/events/encoder.ts';
import { appendEvents } from '../../../src/outbox/append-events.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { newEvent } from '../../../src/outbox/outbox-event.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

const { StockAdjusted } = inventoryEvents.events;
let db: TestDatabase;
let encoder: Encoder;

beforeAll(async () => {
  db = await createTestDatabase('inventory');
  encoder = createEncoder(await loadEventSchemas(db.pool, [StockAdjusted]));
});
afterAll(() => db.drop());

const adjusted = (key: string, onHand: number, eventId?: string) =>
  newEvent(StockAdjusted, {
    key,
    aggregateId: key,
    occurredAt: new Date(),
    payload: { sku: key, onHand, delta: onHand, reason: null, adjustedAt: Date.now() },
    ...(eventId === undefined ? {} : { eventId }),
  });

const sequencesOf = async (key: string) => {
  const { rows } = await db.pool.query<{ key_seq: number }>({
    text: 'select key_seq from pipeline.outbox where partition_key = $1 order by id',
    values: [key],
  });
  return rows.map((row) => row.key_seq);
};

test('numbers the events of each key from 1 without gaps, in the order given, also mixed in one call', async () => {
  const appended = await inTransaction(db.pool, (tx) =>
    appendEvents(tx, encoder, [adjusted('b', 1), adjusted('a', 2), adjusted('b', 3)]),
  );
  expect(appended.map(({ key, keySeq }) => [key, keySeq])).toEqual([
    ['b', 1],
    ['a', 1],
    ['b', 2],
  ]);
  await inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('b', 4)]));
  expect(await sequencesOf('b')).toEqual([1, 2, 3]);
});

test('keeps nothing, and uses up no sequence, when the transaction is rolled back', async () => {
  const work = inTransaction(db.pool, async (tx) => {
    await appendEvents(tx, encoder, [adjusted('rolled-back', 1)]);
    throw new Error('changed my mind');
  });
  await expect(work).rejects.toThrow('changed my mind');
  await inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('rolled-back', 2)]));
  expect(await sequencesOf('rolled-back')).toEqual([1]);
});

test('under concurrent transactions of one new key, id order and log order are sequence order', async () => {
  const transactions = Array.from({ length: 40 }, (_, n) =>
    inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('hot', n), adjusted('hot', n)])),
  );
  await Promise.all(transactions);
  const { rows } = await db.pool.query<{ byId: number; byLsn: number; seq: number }>({
    text: `select row_number() over (order by id) as "byId", row_number() over (order by insert_lsn, id) as "byLsn", key_seq as seq
           from pipeline.outbox where partition_key = 'hot' order by key_seq`,
  });
  expect(rows).toHaveLength(80);
  for (const row of rows) expect([row.byId, row.byLsn]).toEqual([row.seq, row.seq]);
});

test('transactions that take the same keys in opposite order do not deadlock', async () => {
  const forth = Array.from({ length: 20 }, () =>
    inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('x', 1), adjusted('y', 1)])),
  );
  const back = Array.from({ length: 20 }, () =>
    inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('y', 1), adjusted('x', 1)])),
  );
  await Promise.all([...forth, ...back]);
  expect((await sequencesOf('x')).at(-1)).toBe(40);
});

test('keeps an event id that was given, and else makes it equal to the row id', async () => {
  const given = '01a20fb8-1291-7139-90f2-1eac07ebff13';
  await inTransaction(db.pool, (tx) =>
    appendEvents(tx, encoder, [adjusted('id', 1, given), adjusted('id', 2)]),
  );
  const { rows } = await db.pool.query<{ id: string; event_id: string; xid: string }>({
    text: `select id, event_id, xid from pipeline.outbox where partition_key = 'id' order by id`,
  });
  expect(rows[0]?.event_id).toBe(given);
  expect(rows[0]?.id).not.toBe(given);
  expect(rows[1]?.event_id).toBe(rows[1]?.id);
});

test('writes nothing when one of the events does not fit its schema', async () => {
  const wrong = { ...adjusted('wrong', 1), payload: { sku: 'wrong' } };
  const work = inTransaction(db.pool, (tx) => appendEvents(tx, encoder, [adjusted('wrong', 1), wrong]));
  await expect(work).rejects.toMatchObject({ code: 'event_invalid' });
  expect(await sequencesOf('wrong')).toEqual([]);
});

test.each([
  'update pipeline.outbox set key_seq = 1',
  'delete from pipeline.outbox',
  'truncate pipeline.outbox',
  'delete from pipeline.outbox_keys',
])('the service itself may not: %s', async (text) => {
  await expect(db.pool.query({ text })).rejects.toMatchObject({ code: '42501' });
});

test('tells of the events whose rows are committed, and not of those that were rolled back', async () => {
  const committed: string[] = [];
  const telling = createEncoder(await loadEventSchemas(db.pool, [StockAdjusted]), (events) =>
    committed.push(...events.map(({ topic, type }) => `${topic} ${type}`)),
  );
  const append = (key: string, then: () => void): Promise<void> =>
    inTransaction(db.pool, async (tx) => {
      await appendEvents(tx, telling, [adjusted(key, 1), adjusted(key, 2)]);
      expect(committed).toEqual([]);
      then();
    });
  const undone = append('told', () => {
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  await append('told', () => undefined);
  expect(committed).toEqual(['inventory.events StockAdjusted', 'inventory.events StockAdjusted']);
});
