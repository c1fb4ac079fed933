import { v7 } from 'uuid';
import type { ConsumedEvent } from '../../../src/consumer/define-consumer.ts';
import { chunkCommits } from '../../../src/consumer/chunk-commits.ts';
import { ensurePositions } from '../../../src/consumer/positions.ts';
import { processChunks } from '../../../src/consumer/process-chunks.ts';
import type { Chunk, ChunkResult } from '../../../src/consumer/process-chunks.ts';
import { DEFAULT_CAPS } from '../../../src/consumer/queue-events.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { StatementGroup } from '../../../src/platform/postgres/statement-group.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { createTallyDatabase, entries, tallyConsumer, tallyTopic } from '../../support/tally-consumer.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let database: TestDatabase;
const now = new Date();
const definition = tallyConsumer({ name: 'chunks' });

beforeEach(async () => {
  database = await createTallyDatabase();
  await begin(0);
});
afterEach(() => database.drop());

const begin = (offset: number, partition = 0) =>
  ensurePositions(database.pool, {
    consumer: 'chunks',
    topic: tallyTopic,
    logStarts: new Map([[partition, offset]]),
  });

function event(key: string, keySeq: number, change: Partial<ConsumedEvent> = {}): ConsumedEvent {
  return {
    type: 'Counted',
    payload: { amount: keySeq },
    eventId: v7(),
    key,
    keySeq,
    aggregateId: 'x',
    occurredAt: now,
    traceparent: null,
    topic: tallyTopic,
    partition: 0,
    offset: 0,
    ...change,
  };
}

const chunkOf = (from: number, events: readonly ConsumedEvent[], partition = 0): Chunk => ({
  partition,
  from,
  to: from + events.length,
  events: events.map((one) => ({
    identity: { ...one, partition },
    record: { offset: String(one.offset), key: Buffer.from(one.key), value: null },
    content: { event: one, use: one.type === 'Skipped' ? 'ignored' : 'apply' },
  })),
});
const first = async (results: Promise<ChunkResult[]>): Promise<ChunkResult> => {
  const [result] = await results;
  if (result === undefined) throw new Error('no result');
  return result;
};
const process = (chunk: Chunk, pool: Pool = database.pool): Promise<ChunkResult> =>
  first(processChunks(pool, definition, [chunk], { now, trust: 'sequences' }));

/** By hand, as only the owner can. */
async function setBackSequences(): Promise<void> {
  const { ownerUrl: connectionString } = database;
  const owner = createPool({ connectionString, applicationName: 'test', log: silentLog, max: 1 });
  await owner.query({ text: 'delete from pipeline.consumer_keys' });
  await owner.end();
}

describe('processChunks', () => {
  test('does nothing for a zombie whose position is behind, though its events are new', async () => {
    await process(chunkOf(0, [event('a', 1)]));
    expect(await process(chunkOf(0, [event('b', 1)]))).toEqual({ kind: 'moved' });
    expect(await entries(database.pool)).toMatchObject([{ key: 'a' }]);
    const { rows } = await database.pool.query({ text: 'select from pipeline.processed_events' });
    expect(rows).toHaveLength(1);
  });

  test('lets one of two instances that process the same chunk at the same moment win', async () => {
    const chunk = chunkOf(0, [event('a', 1), event('a', 2)]);
    const results = await Promise.all([process(chunk), process(chunk), process(chunk)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['committed', 'moved', 'moved']);
    expect(await entries(database.pool)).toHaveLength(2);
  });

  test('applies chunks of several partitions in one transaction, and leaves out the one whose position was moved', async () => {
    await begin(0, 1);
    await begin(5, 2);
    const results = await processChunks(
      database.pool,
      definition,
      [
        chunkOf(5, [event('c', 1), event('c', 2)], 2),
        chunkOf(7, [event('b', 1)], 1),
        chunkOf(0, [event('a', 1), event('a', 3), event('a', 4)]),
      ],
      { now, trust: 'sequences' },
    );
    expect(results).toMatchObject([
      { kind: 'committed', recorded: [{ event: { partition: 2 } }, { event: { partition: 2 } }] },
      { kind: 'moved' },
      {
        kind: 'committed',
        recorded: [{ event: { partition: 0, key: 'a' } }],
        queueing: { queued: 2, began: [{ event: { identity: { key: 'a', keySeq: 3 } } }] },
      },
    ]);
    expect(await entries(database.pool)).toMatchObject([{ key: 'a' }, { key: 'c' }, { key: 'c' }]);
    const { rows } = await database.pool.query({
      text: 'select partition, next_offset from pipeline.consumer_positions order by partition',
    });
    expect(rows).toEqual([
      { partition: 0, next_offset: 3 },
      { partition: 1, next_offset: 0 },
      { partition: 2, next_offset: 7 },
    ]);
    const { rows: parked } = await database.pool.query({
      text: 'select key, partition from pipeline.parked_keys',
    });
    expect(parked).toEqual([{ key: 'a', partition: 0 }]);
  });

  test('goes on with a key that moved to another partition, in the same transaction', async () => {
    await begin(0, 1);
    const results = await processChunks(
      database.pool,
      definition,
      [chunkOf(0, [event('a', 3)], 1), chunkOf(0, [event('a', 1), event('a', 2)])],
      { now, trust: 'sequences' },
    );
    expect(results).toMatchObject([{ queueing: { queued: 0 } }, { queueing: { queued: 0 } }]);
    expect((await entries(database.pool)).map(({ key_seq }) => key_seq)).toEqual([1, 2, 3]);
  });

  test('counts ignored events in the order of their key', async () => {
    await process(chunkOf(0, [event('a', 1), event('a', 2, { type: 'Skipped' }), event('a', 3)]));
    expect((await entries(database.pool)).map(({ key_seq }) => key_seq)).toEqual([1, 3]);
  });

  test("takes a key's first event for its base when the reader began in the middle of the log", async () => {
    await database.pool.query({
      text: 'update pipeline.consumer_positions set next_offset = 40, start_offset = 40',
    });
    const result = await process(chunkOf(40, [event('a', 7), event('a', 6), event('a', 8)]));
    expect(result).toMatchObject({ kind: 'committed', beforeBase: 1 });
    expect((await entries(database.pool)).map(({ key_seq }) => key_seq)).toEqual([7, 8]);
  });

  test('undoes everything when another transaction records one of its events meanwhile, and says so', async () => {
    const [mine, contested] = [event('a', 1), event('b', 1)];
    const racing = tallyConsumer({
      name: 'chunks',
      // Between our look at processed_events and our insert somebody else records the event, as if from another partition.
      async onApply() {
        await database.pool.query({
          text: `insert into pipeline.processed_events values ('chunks', $1, 'counted', 't', 'b', 9, 9, now())`,
          values: [contested.eventId],
        });
      },
    });
    const work = processChunks(database.pool, racing, [chunkOf(0, [mine, contested])], {
      now,
      trust: 'sequences',
    });
    await expect(work).rejects.toMatchObject({ code: 'dedupe_race' });
    expect(await entries(database.pool)).toEqual([]);
    const again = processChunks(database.pool, definition, [chunkOf(0, [mine, contested])], {
      now,
      trust: 'nothing',
    });
    expect(await again).toMatchObject([{ kind: 'committed', duplicates: 1 }]);
    expect(await entries(database.pool)).toMatchObject([{ key: 'a' }]);
  });

  test('looks at what is done when the sequence of a key was set back', async () => {
    const done = event('a', 1);
    await process(chunkOf(0, [done]));
    await setBackSequences();
    await expect(process(chunkOf(1, [done]))).rejects.toMatchObject({ code: 'dedupe_race' });
    const retried: string[] = [];
    const commits = chunkCommits({
      pool: database.pool,
      definition,
      clock: () => now,
      caps: DEFAULT_CAPS,
      ...{ maxBatchSize: 10, maxTransactions: 4 },
      onRetry: (code) => void retried.push(code),
    });
    expect(await commits.submit(chunkOf(1, [done]))).toMatchObject({ kind: 'committed', duplicates: 1 });
    expect(retried).toEqual(['dedupe_race']);
    expect(await entries(database.pool)).toHaveLength(1);
  });

  test('calls what was done a duplicate also where it would leave a gap, or fail, after the sequence of a key was set back', async () => {
    const done = [event('a', 1), event('a', 2)] as const;
    await process(chunkOf(0, done));
    await setBackSequences();
    expect(await process(chunkOf(2, [done[1]]))).toMatchObject({ duplicates: 1, queueing: { queued: 0 } });
  });

  test('refuses two chunks of one partition at once', async () => {
    const chunks = [chunkOf(0, [event('a', 1)]), chunkOf(1, [event('a', 2)])];
    await expect(
      processChunks(database.pool, definition, chunks, { now, trust: 'sequences' }),
    ).rejects.toThrow('may be in a transaction once');
  });

  test('knows 10,000 copies in one batch for what they are, of queued events as of applied ones', async () => {
    const [applied, queued] = [event('a', 1), event('b', 2)];
    await process(chunkOf(0, [applied, queued]));
    const copies = Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? applied : queued));
    const result = await process(chunkOf(2, copies));
    expect(result).toMatchObject({
      kind: 'committed',
      recorded: [],
      duplicates: 10_000,
      queueing: { queued: 0 },
    });
    expect(await entries(database.pool)).toHaveLength(1);
    const { rows } = await database.pool.query({ text: 'select key, events from pipeline.parked_keys' });
    expect(rows).toEqual([{ key: 'b', events: 1 }]);
  });

  test('refuses a sequence that is given to another event, and moves nothing', async () => {
    await process(chunkOf(0, [event('a', 1), event('a', 2)]));
    await expect(process(chunkOf(2, [event('a', 2)]))).rejects.toMatchObject({ code: 'event_order_broken' });
    expect(await process(chunkOf(2, [event('a', 3)]))).toMatchObject({ kind: 'committed' });
  });

  test('refuses outcomes that do not belong to its effects one by one', async () => {
    const wrong = { ...definition, apply: () => Promise.resolve(['counted', 'counted']) };
    await expect(
      processChunks(database.pool, wrong, [chunkOf(0, [event('a', 1)])], { now, trust: 'nothing' }),
    ).rejects.toThrow('apply of consumer chunks returned 2 outcomes for 1 effects.');
    expect(await process(chunkOf(0, [event('a', 1)]))).toMatchObject({ kind: 'committed' });
  });

  test('moves over a chunk that holds nothing but control records', async () => {
    expect(await process({ partition: 0, from: 0, to: 2, events: [] })).toMatchObject({ kind: 'committed' });
    expect(await process(chunkOf(2, [event('a', 1)]))).toMatchObject({ kind: 'committed' });
  });

  test('needs the same few statements and round trips for one event and for a thousand', async () => {
    const trips: (string | undefined)[][] = [];
    const client = await database.pool.connect();
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      trips.push((args[0] as StatementGroup).statements.map(({ name }) => name));
      return query(...args);
    }) as typeof client.query;
    // A pool of this one connection, which the transaction may release but not give back.
    const counting: Pool = {
      ...database.pool,
      connect: () =>
        Promise.resolve(Object.assign(Object.create(client) as typeof client, { release: () => undefined })),
    };
    const count = async (chunk: Chunk): Promise<unknown> => {
      trips.length = 0;
      await process(chunk, counting);
      return [...trips];
    };
    const one = await count(chunkOf(0, [event('a', 1)]));
    const many = await count(
      chunkOf(
        1,
        Array.from({ length: 1_000 }, (_, index) => event(`k${index % 300}`, Math.floor(index / 300) + 1)),
      ),
    );
    expect(one).toEqual([
      [
        'begin',
        'set local search_path to "tally"',
        'consumer_advance_position',
        'consumer_share_held_keys',
        'consumer_select_keys',
      ],
      ['tally_insert'],
      ['consumer_insert_processed', 'consumer_upsert_keys', 'commit'],
    ]);
    expect(many).toEqual(one);
    client.release(true);
  });
});
