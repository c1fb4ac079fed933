import { v7 } from 'uuid';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import { collectReports, countedEvents, tallyTopic } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import { testKafka } from '../../support/test-stack.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

describe('a running consumer', () => {
  test('applies events in the order of the log, in transactions of at most the given size', async () => {
    const { reports, onBatch } = collectReports();
    const events = countedEvents('a', 12);
    const skipped = testEvent({ type: 'Skipped', key: 'b', keySeq: 1, payload: { why: 'test' } });
    await produceEvents(tally.topic, [...events.slice(0, 6), skipped, ...events.slice(6)]);
    await tally.start({ maxBatchSize: 5, onBatch });
    await tally.positionIs(13);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual(events.map(({ keySeq }) => keySeq));
    expect(reports.map(({ from, to, applied, ignored }) => ({ from, to, applied, ignored }))).toEqual([
      { from: 0, to: 5, applied: 5, ignored: 0 },
      { from: 5, to: 10, applied: 4, ignored: 1 },
      { from: 10, to: 13, applied: 3, ignored: 0 },
    ]);
    expect(await tally.outcomes()).toEqual({ counted: 12, ignored: 1 });
  });

  test('applies an event once, however often it is delivered or published', async () => {
    const { reports, onBatch } = collectReports();
    const [first, second, third] = countedEvents('a', 3);
    if (first === undefined || second === undefined || third === undefined) return;
    await produceEvents(tally.topic, [first, ...Array.from({ length: 10 }, () => first), second]);
    await tally.start({ onBatch });
    await tally.positionIs(12);
    await produceEvents(tally.topic, [second, first, third, third]);
    await tally.positionIs(16);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2, 3]);
    expect(reports.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(13);
  });

  test('knows a copy on the other side of midnight, whichever side the event is from', async () => {
    const reports = collectReports();
    const midnight = new Date().setUTCHours(0, 0, 0, 0);
    const clock = { now: midnight - 1 };
    const [last, first] = countedEvents('a', 2);
    if (last === undefined || first === undefined) return;
    const before = { ...last, eventId: v7({ msecs: midnight - 1 }) };
    const after = { ...first, eventId: v7({ msecs: midnight }) };
    await produceEvents(tally.topic, [before]);
    await tally.start({ onBatch: reports.onBatch, clock: () => new Date(clock.now) });
    await tally.positionIs(1);
    clock.now = midnight + 1;
    await produceEvents(tally.topic, [before, after, before, after]);
    await tally.positionIs(5);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2]);
    expect(reports.reports.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(3);
    const { rows } = await tally.database.pool.query({
      text: 'select count(distinct tableoid) as days, count(*) as events from pipeline.processed_events',
    });
    expect(rows).toEqual([{ days: 2, events: 2 }]);
  });

  test('goes on at its position after a restart, whatever the group offsets in Kafka say', async () => {
    await produceEvents(tally.topic, countedEvents('a', 5));
    const first = await tally.start();
    await tally.positionIs(5);
    await first.stop();
    const admin = testKafka().admin();
    await admin.connect();
    await admin.setOffsets({
      groupId: tally.group,
      topic: tally.topic,
      partitions: [{ partition: 0, offset: '2' }],
    });
    await admin.disconnect();
    await produceEvents(tally.topic, countedEvents('a', 3, { from: 6 }));
    const { reports, onBatch } = collectReports();
    await tally.start({ onBatch });
    await tally.positionIs(8);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(reports[0]?.from).toBe(5);
    expect(reports.every(({ duplicates }) => duplicates === 0)).toBe(true);
  });

  test('follows a position that somebody else has moved on, and applies nothing twice', async () => {
    await produceEvents(tally.topic, countedEvents('a', 3));
    await tally.start();
    await tally.positionIs(3);
    await produceEvents(tally.topic, countedEvents('b', 1));
    await tally.positionIs(4);
    // A second instance, of which this one knows nothing, has dealt with offset 4.
    await tally.database.pool.query({
      text: 'update pipeline.consumer_positions set next_offset = 5 where topic = $1',
      values: [tallyTopic],
    });
    await produceEvents(tally.topic, [...countedEvents('c', 1), ...countedEvents('d', 1)]);
    await tally.positionIs(6);
    expect((await tally.entries()).map(({ key }) => key)).toEqual(['a', 'a', 'a', 'b', 'd']);
  });

  test('goes back to a position that was set back, and knows what it has applied', async () => {
    await produceEvents(tally.topic, countedEvents('a', 3));
    const { reports, onBatch } = collectReports();
    await tally.start({ onBatch });
    await tally.positionIs(3);
    await tally.database.pool.query({ text: 'update pipeline.consumer_positions set next_offset = 1' });
    await produceEvents(tally.topic, countedEvents('a', 1, { from: 4 }));
    await tally.positionIs(4);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2, 3, 4]);
    expect(reports.at(-1)).toMatchObject({ from: 1, to: 4, applied: 1, duplicates: 2 });
  });

  test('steps over control records and aborted transactions', async () => {
    const [first, aborted, second, third] = countedEvents('a', 4);
    if (first === undefined || aborted === undefined || second === undefined || third === undefined) return;
    await tally.start();
    await produceEvents(tally.topic, [first], { transaction: 'commit' });
    await tally.applied(1);
    await produceEvents(tally.topic, [{ ...aborted, keySeq: 99 }], { transaction: 'abort' });
    await produceEvents(tally.topic, [{ ...second, keySeq: 2 }], { transaction: 'commit' });
    await tally.applied(2);
    await produceEvents(tally.topic, [{ ...third, keySeq: 3 }]);
    await tally.applied(3);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2, 3]);
    expect(await tally.position()).toBe(7);
  });

  test('undoes a batch whose database connection breaks in the middle, and applies it once by trying again', async () => {
    await produceEvents(tally.topic, countedEvents('a', 20));
    const { reports, onBatch } = collectReports();
    let kills = 0;
    await tally.start({
      onBatch,
      async onApply(tx) {
        if (kills === 2) return;
        kills += 1;
        const { rows } = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
        await tally.database.pool.query({ text: 'select pg_terminate_backend($1)', values: [rows[0]?.pid] });
        await tx.query({ text: 'select 1' });
      },
    });
    await tally.positionIs(20);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(kills).toBe(2);
    expect(reports).toMatchObject([{ applied: 20, attempts: 3 }]);
  });

  test('records that it reads every type of its topic', async () => {
    await tally.start();
    const { rows } = await waitUntil(
      async () => {
        const result = await tally.database.pool.query<{ topic: string; type: string }>({
          text: 'select topic, type from pipeline.consumer_subscriptions where consumer = $1 order by type',
          values: ['tally'],
        });
        return result.rows.length > 0 && result;
      },
      { timeoutMs: 60_000, what: 'subscriptions' },
    );
    expect(rows).toEqual([
      { topic: tallyTopic, type: 'Counted' },
      { topic: tallyTopic, type: 'Skipped' },
    ]);
  });
});
