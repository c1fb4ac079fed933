import { v7 } from 'uuid';
import { recordSubscriptions } from '../../../src/consumer/consumer-subscriptions.ts';
import type { ConsumedEvent } from '../../../src/consumer/define-consumer.ts';
import { selectKeySequences, upsertKeySequences } from '../../../src/consumer/key-sequences.ts';
import { advancePosition, ensurePositions } from '../../../src/consumer/positions.ts';
import { dedupeRace, insertProcessed, selectProcessed } from '../../../src/consumer/processed-events.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Statement } from '../../../src/platform/postgres/statement.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';
import { createTallyDatabase, tallyConsumer } from '../../support/tally-consumer.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTallyDatabase();
});
afterAll(() => database.drop());

const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  inTransaction(database.pool, work);
const now = new Date();

function consumed(change: Partial<ConsumedEvent> = {}): ConsumedEvent {
  return {
    type: 'Counted',
    payload: {},
    eventId: v7(),
    key: 'a',
    keySeq: 1,
    aggregateId: 'x',
    occurredAt: now,
    traceparent: null,
    topic: 't',
    partition: 0,
    offset: 0,
    ...change,
  };
}

describe('positions', () => {
  const at = { topic: 't', partition: 2 };

  test("begin at their log's start, and stay what they are when asked for again", async () => {
    const scope = { consumer: 'begin', topic: 't' };
    const first = await ensurePositions(database.pool, { ...scope, logStarts: new Map([[2, 40]]) });
    expect(first).toEqual(new Map([[2, { startOffset: 40, nextOffset: 40 }]]));
    await transaction((tx) => advancePosition(tx, { ...at, consumer: 'begin', from: 40, to: 45 }));
    const again = await ensurePositions(database.pool, {
      ...scope,
      logStarts: new Map([
        [2, 43],
        [3, 0],
      ]),
    });
    expect(again).toEqual(
      new Map([
        [2, { startOffset: 40, nextOffset: 45 }],
        [3, { startOffset: 0, nextOffset: 0 }],
      ]),
    );
  });

  test('move only from where their owner believes them to be', async () => {
    await ensurePositions(database.pool, { consumer: 'move', topic: 't', logStarts: new Map([[2, 0]]) });
    const move = (from: number, to: number) =>
      transaction((tx) => advancePosition(tx, { ...at, consumer: 'move', from, to }));
    expect(await move(0, 10)).toEqual({ startOffset: 0 });
    expect(await move(0, 10)).toBeUndefined();
    expect(await move(10, 11)).toEqual({ startOffset: 0 });
  });

  test('let of two owners the one that comes second wait, and then do nothing', async () => {
    await ensurePositions(database.pool, { consumer: 'fence', topic: 't', logStarts: new Map([[2, 0]]) });
    const move = { ...at, consumer: 'fence', from: 0, to: 10 };
    const finish = Promise.withResolvers<undefined>();
    const locked = Promise.withResolvers<undefined>();
    const first = transaction(async (tx) => {
      const position = await advancePosition(tx, move);
      locked.resolve(undefined);
      await finish.promise;
      return position;
    });
    await locked.promise;
    const second = transaction((tx) => advancePosition(tx, move));
    finish.resolve(undefined);
    expect(await first).toEqual({ startOffset: 0 });
    expect(await second).toBeUndefined();
  });
});

describe('processed events', () => {
  test('are found again by consumer and id, over midnight as well', async () => {
    const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const before = consumed({ eventId: v7({ msecs: midnight - 1 }) });
    const after = consumed({ eventId: v7({ msecs: midnight }), key: 'b', partition: 3, offset: 17 });
    const ids = [after.eventId, before.eventId, v7()];
    await transaction(async (tx) => {
      expect(await selectProcessed(tx, 'find', ids)).toEqual(new Set());
      const recorded = [
        { event: before, outcome: 'counted' },
        { event: after, outcome: 'ignored' },
      ];
      await tx.query(insertProcessed('find', recorded, now));
      expect(await selectProcessed(tx, 'find', ids)).toEqual(new Set([before.eventId, after.eventId]));
      expect(await selectProcessed(tx, 'another', ids)).toEqual(new Set());
    });
    const { rows } = await database.pool.query({
      text: 'select * from pipeline.processed_events where event_id = $1',
      values: [after.eventId],
    });
    expect(rows).toEqual([
      {
        consumer: 'find',
        event_id: after.eventId,
        outcome: 'ignored',
        topic: 't',
        key: 'b',
        partition: 3,
        kafka_offset: 17,
        applied_at: now,
      },
    ]);
  });

  test('are refused as a race when another transaction was first with one', async () => {
    const [one, two] = [consumed(), consumed()];
    const record = (events: ConsumedEvent[]) =>
      transaction((tx) =>
        tx.query(
          insertProcessed(
            'race',
            events.map((event) => ({ event, outcome: 'counted' })),
            now,
          ),
        ),
      ).catch((error: unknown) => {
        throw dedupeRace(error);
      });
    await record([one]);
    await expect(record([one, two])).rejects.toMatchObject({ code: 'dedupe_race' });
  });

  test('are looked for only in the days that can hold the ids, also by the generic plan', async () => {
    const id = v7();
    let text = '';
    const recorder = {
      query: (statement: Statement) => {
        ({ text } = statement);
        return Promise.resolve({ rows: [], rowCount: 0 });
      },
    };
    await selectProcessed(recorder as unknown as Transaction, 'c', [id]);
    const plan = await transaction(async (tx) => {
      await tx.query({ text: 'set local plan_cache_mode = force_generic_plan' });
      await tx.query({ text: `prepare look as ${text}` });
      const { rows } = await tx.query<Record<string, string>>({
        text: `explain (analyze, costs off) execute look ('c', array['${id}']::uuid[], '${id}', '${id}')`,
      });
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/Subplans Removed: \d\d/);
  });
});

describe('key sequences', () => {
  test('keep the base of a key and move its last sequence', async () => {
    const scope = { consumer: 'keys', topic: 't' };
    await transaction(async (tx) => {
      await tx.query(
        upsertKeySequences(
          scope,
          new Map([
            ['a', { baseSeq: 5, lastSeq: 7 }],
            ['b', { baseSeq: 1, lastSeq: 1 }],
          ]),
        ),
      );
      await tx.query(upsertKeySequences(scope, new Map([['a', { baseSeq: 5, lastSeq: 9 }]])));
      expect(await selectKeySequences(tx, scope, ['a', 'b', 'c'])).toEqual(
        new Map([
          ['a', { baseSeq: 5, lastSeq: 9 }],
          ['b', { baseSeq: 1, lastSeq: 1 }],
        ]),
      );
      expect(await selectKeySequences(tx, { ...scope, topic: 'other' }, ['a'])).toEqual(new Map());
    });
  });
});

describe('subscriptions', () => {
  test('keep the time at which a type was first subscribed to', async () => {
    const definition = tallyConsumer({ name: 'subscriber' });
    const since = async () =>
      (await database.pool.query({ text: 'select * from pipeline.consumer_subscriptions order by type' }))
        .rows;
    await recordSubscriptions(database.pool, definition);
    const before = await since();
    expect(before).toMatchObject([{ type: 'Counted' }, { type: 'Skipped' }]);
    await recordSubscriptions(database.pool, definition);
    expect(await since()).toEqual(before);
  });
});

describe("the service's role", () => {
  test.each([
    'delete from pipeline.processed_events',
    "update pipeline.processed_events set outcome = 'x'",
    'delete from pipeline.consumer_positions',
    'delete from pipeline.consumer_keys',
    'create table pipeline.mine ()',
  ])('may not: %s', async (text) => {
    await expect(database.pool.query({ text })).rejects.toThrow('permission denied');
  });
});
