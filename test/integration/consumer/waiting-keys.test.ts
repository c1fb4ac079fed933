import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

const a = countedEvents('a', 9);
const [, a2, , a4, a5] = a;

async function sequences(): Promise<number[]> {
  return (await tally.entries()).filter(({ key }) => key === 'a').map((entry) => entry.key_seq);
}

/** Everything of `a` but 2 and 4, and other keys. */
async function withTwoGaps(): Promise<void> {
  await produceEvents(tally.topic, [
    ...a.filter((event) => event !== a2 && event !== a4),
    ...countedEvents('b', 2),
  ]);
  await tally.heldAre({ a: 6 });
}

describe('a key with a gap', () => {
  test('waits with its later events, says for which sequence, and the others flow', async () => {
    await tally.start({ maxBatchSize: 3 });
    await withTwoGaps();
    await tally.positionIs(9);
    expect((await tally.entries()).map(({ key, key_seq }) => `${key}${key_seq}`)).toEqual(['a1', 'b1', 'b2']);
    expect(await tally.held()).toMatchObject([
      {
        key: 'a',
        state: 'waiting',
        code: 'event_gap',
        expectedSeq: 2,
        reason: 'Sequence 2 is expected next, but event 2 is missing.',
        firstKeySeq: 3,
      },
    ]);
  });

  test('goes on by itself when the missing event comes, up to the next gap, and then on to the end', async () => {
    await tally.start({ maxBatchSize: 3 });
    await withTwoGaps();
    await produceEvents(tally.topic, [a2] as typeof a);
    await tally.heldAre({ a: 5 });
    expect(await sequences()).toEqual([1, 2, 3]);
    expect(await tally.held()).toMatchObject([{ state: 'waiting', expectedSeq: 4 }]);
    await produceEvents(tally.topic, [a4] as typeof a);
    await tally.heldAre({});
    expect(await sequences()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await produceEvents(tally.topic, countedEvents('a', 1, { from: 10 }));
    await tally.applied(12);
    expect(await tally.held()).toEqual([]);
  });

  test('goes on within a batch that brings the missing event after the later ones', async () => {
    const [one, two, three] = countedEvents('c', 3);
    await produceEvents(tally.topic, [one, three, two] as typeof a);
    await tally.start();
    await tally.applied(3);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2, 3]);
    await tally.heldAre({});
  });

  test('goes on after a restart, when the process died between queueing the missing event and going on', async () => {
    const consumer = await tally.start();
    await withTwoGaps();
    await consumer.stop();
    // As that process would have left it: the missing event is queued, nobody has looked at it.
    await tally.database.pool.query({
      text: `insert into pipeline.parked_events
               (consumer, topic, key, event_id, key_seq, partition, kafka_offset, value, headers, parked_at)
             select consumer, topic, key, $1::text::uuid, 2, partition, 99, convert_to('{"amount": 2}', 'UTF8'),
                    headers || jsonb_build_object('id', $1::text, 'keySeq', '2'), now()
             from pipeline.parked_events limit 1`,
      values: [a2?.eventId],
    });
    await tally.start();
    await waitUntil(async () => (await sequences()).length === 3, { timeoutMs: 60_000, what: 'a to go on' });
    expect(await sequences()).toEqual([1, 2, 3]);
  });

  test('goes on when the missing event was applied from another partition in the moment in which the key began to wait', async () => {
    // Found by storm seed 2027: a topic was made again with fewer partitions, and two batches had the key at the same time.
    const consumer = await tally.start();
    await withTwoGaps();
    await consumer.stop();
    // What the other batch has done; this one had read the sequence before that and could not see it.
    await tally.database.pool.query({
      text: `update pipeline.consumer_keys set last_seq = 2 where key = 'a'`,
    });
    await tally.start();
    await tally.heldAre({ a: 5 });
    expect(await sequences()).toEqual([1, 3]);
    expect(await tally.held()).toMatchObject([{ state: 'waiting', expectedSeq: 4 }]);
  });

  test('takes a copy of a queued event for one', async () => {
    await tally.start();
    await withTwoGaps();
    await produceEvents(tally.topic, [a5, a5] as typeof a);
    await tally.positionIs(11);
    await tally.heldAre({ a: 6 });
    await produceEvents(tally.topic, [a2, a4] as typeof a);
    await tally.heldAre({});
    expect(await sequences()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('is parked when the missing event comes and fails', async () => {
    await tally.start({
      onHandle: ({ key, keySeq }) => {
        if (key === 'a' && keySeq === 2) throw new Error('not two');
      },
    });
    await withTwoGaps();
    await produceEvents(tally.topic, [a2] as typeof a);
    await waitUntil(async () => (await tally.held())[0]?.state === 'parked', {
      timeoutMs: 60_000,
      what: 'a to be parked',
    });
    expect(await tally.held()).toMatchObject([
      { state: 'parked', code: 'event_handler_failed', expectedSeq: null, events: 7, firstKeySeq: 2 },
    ]);
    expect(await sequences()).toEqual([1]);
  });
});

describe('skipping what is missing', () => {
  test('lets the key go on, keeps who and why, and does not apply the event should it come after all', async () => {
    await tally.start();
    await withTwoGaps();
    expect(await tally.ask('a', 'skip', 'lost in the fire')).toMatchObject({
      kind: 'held',
      state: 'waiting',
    });
    expect(await sequences()).toEqual([1, 3]);
    expect(await tally.decisions()).toEqual([
      { decision: 'skipped', key: 'a', key_seq: 2, who: 'olga', why: 'lost in the fire' },
    ]);
    await produceEvents(tally.topic, [a2, a2, a4] as typeof a);
    await tally.heldAre({});
    expect(await sequences()).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    expect(await tally.outcomes()).toEqual({ counted: 10, skipped: 1 });
  });

  test('is refused for a key that is parked, and discarding for one that waits', async () => {
    await tally.start({
      onHandle: ({ key }) => {
        if (key === 'b') throw new Error('no');
      },
    });
    await produceEvents(tally.topic, [...a.slice(1), ...countedEvents('b', 2)]);
    await tally.heldAre({ a: 8, b: 2 });
    expect(await tally.ask('b', 'skip', 'x')).toMatchObject({
      kind: 'held',
      answer: expect.stringMatching(/^Nothing was skipped/) as string,
    });
    expect(await tally.ask('a', 'discard_all', 'x')).toMatchObject({
      kind: 'held',
      answer: expect.stringMatching(/^Nothing was discarded/) as string,
    });
    await tally.heldAre({ a: 8, b: 2 });
    expect(await tally.decisions()).toEqual([]);
  });
});
