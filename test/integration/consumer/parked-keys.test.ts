import { v7 } from 'uuid';
import { heldKeysCheck } from '../../../src/consumer/held-keys-check.ts';
import type { HeldReport } from '../../../src/consumer/held-report.ts';
import type { PipelineError } from '../../../src/platform/errors.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import type { TestEvent } from '../../support/produce-events.ts';
import { collectReports, countedEvents, tallyTopic } from '../../support/tally-consumer.ts';
import type { TallyChange } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import type { Transaction } from '../../../src/platform/postgres/transaction.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

/** `count` events of ten keys in turn: k0 1, k1 1, ... k9 1, k0 2 ... */
const inTurn = (count: number): TestEvent[] =>
  Array.from({ length: count }, (_, index) => {
    const keySeq = Math.floor(index / 10) + 1;
    return testEvent({ type: 'Counted', key: `k${index % 10}`, keySeq, payload: { amount: keySeq } });
  });

const isPoison = ({ key, keySeq }: TallyChange): boolean => key === 'k3' && keySeq === 50;

async function sequencesOf(key: string): Promise<number[]> {
  return (await tally.entries()).filter((entry) => entry.key === key).map((entry) => entry.key_seq);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

async function everyOtherKeyIsApplied(last: number): Promise<void> {
  for (const key of ['k0', 'k1', 'k2', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'])
    expect(await sequencesOf(key)).toEqual(upTo(last));
}

describe('an event whose handler throws, in the middle of a batch of 1,000', () => {
  test('is parked with everything of its key behind it, while the others are applied in order in one transaction', async () => {
    const { reports, onBatch } = collectReports();
    await produceEvents(tally.topic, inTurn(1_000));
    await tally.start({
      maxBatchSize: 1_000,
      onBatch,
      onHandle: (change) => {
        if (isPoison(change)) throw new Error('fifty is too many');
      },
    });
    await tally.positionIs(1_000);
    await everyOtherKeyIsApplied(100);
    expect(await sequencesOf('k3')).toEqual(upTo(49));
    expect(await tally.held()).toMatchObject([
      {
        key: 'k3',
        state: 'parked',
        code: 'event_handler_failed',
        reason: expect.stringMatching(
          /Counted failed: fifty is too many\. Event [0-9a-f-]{36} .*offset 493/,
        ) as string,
        attempts: 1,
        events: 51,
        firstKeySeq: 50,
        firstType: 'Counted',
      },
    ]);
    expect(reports).toMatchObject([{ from: 0, to: 1_000, applied: 949, queued: 51, parkedKeys: 1 }]);
  });
});

describe('an event that the database refuses, in the middle of a batch of 1,000', () => {
  const refusePoison = async (tx: Transaction, changes: readonly TallyChange[]): Promise<void> => {
    if (changes.some(isPoison))
      await tx.query({ text: "insert into entries values (default, 'x', null, 1)" });
  };

  test('is found by halving the batch, and all others are applied in order', async () => {
    let transactions = 0;
    await produceEvents(tally.topic, inTurn(1_000));
    await tally.start({
      maxBatchSize: 1_000,
      async onApply(tx, changes) {
        transactions += 1;
        await refusePoison(tx, changes);
      },
    });
    await tally.positionIs(1_000);
    await everyOtherKeyIsApplied(100);
    expect(await sequencesOf('k3')).toEqual(upTo(49));
    expect(await tally.held()).toMatchObject([
      { key: 'k3', state: 'parked', code: 'event_handler_failed', events: 51, firstKeySeq: 50 },
    ]);
    expect((await tally.held())[0]?.reason).toContain('null value in column "key_seq"');
    // 10 halvings, each with a half that works, not 1,000 transactions.
    expect(transactions).toBeLessThanOrEqual(22);
  });

  test('lets later batches flow, and queues what they have of the key', async () => {
    await tally.start({ onApply: refusePoison });
    await produceEvents(tally.topic, inTurn(500));
    await tally.heldAre({ k3: 1 });
    await produceEvents(tally.topic, inTurn(600).slice(500));
    await tally.heldAre({ k3: 11 });
    await tally.positionIs(600);
    await everyOtherKeyIsApplied(60);
  });
});

describe('a record that is no event', () => {
  const poison = (headers: TestEvent['headers'], change: Partial<TestEvent> = {}): TestEvent =>
    testEvent({
      type: 'Counted',
      key: 'a',
      keySeq: 2,
      payload: { amount: 2 },
      ...change,
      ...(headers && { headers }),
    });

  test.each([
    ['without a sequence', poison({ keySeq: undefined }), 'event_unreadable', 'Header keySeq is missing'],
    ['without an id', poison({ id: undefined }), 'event_unreadable', 'Header id is missing'],
    ['with an id that is none', poison({ id: 'x' }), 'event_unreadable', 'Header id has no usable value'],
    ['with a NUL in its type', poison({ eventType: 'a\0b' }), 'event_unreadable', 'Header eventType has'],
    ['of an unknown type', poison({ eventType: 'Unheard' }), 'schema_unknown', 'has type Unheard'],
    [
      'that is older than what is remembered',
      poison(undefined, { eventId: '01900000-0000-7000-8000-000000000001' }),
      'event_too_old',
      'days old by its id',
    ],
    [
      'from the future',
      poison(undefined, { eventId: v7({ msecs: Date.now() + 40 * 86_400_000 }) }),
      'event_unreadable',
      'not from now',
    ],
  ])('%s is parked and holds its key, nobody else', async (_, record, code, reason) => {
    await produceEvents(tally.topic, [
      ...countedEvents('a', 1),
      record,
      ...countedEvents('b', 2),
      ...countedEvents('a', 1, { from: 3 }),
    ]);
    await tally.start();
    await tally.positionIs(5);
    expect((await tally.entries()).map(({ key, key_seq }) => `${key}${key_seq}`)).toEqual(['a1', 'b1', 'b2']);
    expect(await tally.held()).toMatchObject([
      { key: 'a', state: 'parked', code, reason: expect.stringContaining(reason) as string, events: 2 },
    ]);
  });

  test('without a key holds nobody at all, nor passes for the event whose id it has, and is known again when it is read again', async () => {
    const [first, second] = countedEvents('a', 2);
    if (first === undefined || second === undefined) return;
    await produceEvents(tally.topic, [first, { ...second, key: null }, second]);
    const consumer = await tally.start();
    await tally.positionIs(3);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 2]);
    await consumer.stop();
    await tally.database.pool.query({ text: 'update pipeline.consumer_positions set next_offset = 0' });
    await tally.start();
    await tally.positionIs(3);
    expect(await tally.held()).toMatchObject([{ key: '(no key) 0/1', state: 'parked', events: 1 }]);
    // It may also be got rid of.
    expect(await tally.ask('(no key) 0/1', 'discard', 'a stray record')).toEqual({ kind: 'released' });
  });

  test('whose bytes can not be decoded is no trouble when it is a copy of one that was applied', async () => {
    const { reports, onBatch } = collectReports();
    const [first, second] = countedEvents('a', 2);
    if (first === undefined || second === undefined) return;
    await produceEvents(tally.topic, [first]);
    await tally.start({ onBatch });
    await tally.positionIs(1);
    await produceEvents(tally.topic, [{ ...first, headers: { occurredAt: undefined } }, second]);
    await tally.positionIs(3);
    expect(await tally.held()).toEqual([]);
    expect(reports.at(-1)).toMatchObject({ applied: 1, duplicates: 1 });
  });
});

describe('a type that this build does not know', () => {
  test('is passed over and counted, if the consumer says so', async () => {
    const { reports, onBatch } = collectReports();
    const [first, second, third] = countedEvents('a', 3);
    if (first === undefined || second === undefined || third === undefined) return;
    await produceEvents(tally.topic, [first, { ...second, type: 'Unheard' }, third]);
    await tally.start({ unknownTypes: 'skip', onBatch });
    await tally.positionIs(3);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([1, 3]);
    expect(await tally.outcomes()).toEqual({ counted: 2, unknown_type: 1 });
    expect(reports).toMatchObject([{ applied: 2, unknownTypes: 1, ignored: 0 }]);
  });
});

describe('held keys', () => {
  test('are counted, with their age', async () => {
    const seen: HeldReport[] = [];
    const [first, , third] = countedEvents('w', 3);
    if (first === undefined || third === undefined) return;
    await produceEvents(tally.topic, [...countedEvents('a', 3), first, third]);
    await tally.start({
      onHeld: (report) => void seen.push(report),
      onHandle: ({ key }) => {
        if (key === 'a') throw new Error('no');
      },
    });
    const last = await waitUntil(() => seen.findLast(({ parked }) => parked.keys > 0), {
      timeoutMs: 30_000,
      what: 'a report of what is held',
    });
    expect(last).toMatchObject({
      consumer: 'tally',
      parked: { keys: 1, events: 3 },
      waiting: { keys: 1, events: 1 },
    });
    expect(Date.now() - (last.parked.since?.getTime() ?? 0)).toBeLessThan(60_000);
    const check = heldKeysCheck(
      tally.database.pool,
      { consumer: 'tally', topic: tallyTopic },
      () => new Date(Date.now() + 600_000),
    );
    expect(await check()).toMatchObject({
      ok: true,
      warning: true,
      detail: expect.stringMatching(
        /^1 key parked, the oldest for 10 min; 1 key waiting for a missing event, the oldest for 10 min/,
      ) as string,
    });
  });

  test.each([
    ['of one key', { maxQueuedPerKey: 3 }, 'More than 3 events wait behind one key of consumer tally.'],
    ['in all', { maxQueued: 3 }, 'More than 3 events wait behind held keys of consumer tally.'],
  ])(
    'end the consumer loudly beyond a cap %s; what is asked for then is its way out',
    async (_, cap, message) => {
      let isMended = false;
      const options = {
        ...cap,
        onHandle: ({ key }: TallyChange) => {
          if (key === 'a' && !isMended) throw new Error('no');
        },
      };
      await produceEvents(tally.topic, countedEvents('a', 3));
      const consumer = await tally.start(options);
      await tally.heldAre({ a: 3 });
      await produceEvents(tally.topic, countedEvents('a', 1, { from: 4 }));
      const failure = await consumer.failed.catch((error: unknown) => error as PipelineError);
      expect(failure.code).toBe('parked_full');
      expect(failure.message).toContain(message.slice(0, -1));
      expect(await tally.position()).toBe(3);
      isMended = true;
      const answer = tally.ask('a', 'redrive');
      // A consumer that starts before it is asked reads on, and stops again.
      await waitUntil(async () => (await tally.held())[0]?.request === 'redrive', {
        timeoutMs: 60_000,
        what: 'the request',
      });
      await tally.start(options);
      expect(await answer).toEqual({ kind: 'released' });
      await tally.positionIs(4);
      expect(await sequencesOf('a')).toEqual([1, 2, 3, 4]);
    },
  );
});
