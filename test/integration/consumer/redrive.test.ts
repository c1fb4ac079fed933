import { setTimeout as delay } from 'node:timers/promises';
import type { DrainReport } from '../../../src/consumer/drain-report.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import type { TallyChange } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

const upTo = (last: number, from = 1): number[] =>
  Array.from({ length: last - from + 1 }, (_, index) => index + from);

async function sequencesOf(key: string): Promise<number[]> {
  return (await tally.entries()).filter((entry) => entry.key === key).map((entry) => entry.key_seq);
}

/** A handler that refuses some sequences of key a until they are mended. */
function refusing(...sequences: number[]) {
  const broken = new Set(sequences);
  const onHandle = ({ key, keySeq }: TallyChange): void => {
    if (key === 'a' && broken.has(keySeq)) throw new Error(`not ${keySeq}`);
  };
  return { onHandle, mend: (keySeq: number) => broken.delete(keySeq) };
}

describe('redriving a parked key', () => {
  test('applies its queue in order once the handler is mended, and lets the key flow again', async () => {
    const drains: DrainReport[] = [];
    const { onHandle, mend } = refusing(2);
    await produceEvents(tally.topic, [...countedEvents('a', 30), ...countedEvents('b', 3)]);
    await tally.start({ maxBatchSize: 10, onHandle, onDrain: (report) => void drains.push(report) });
    await tally.heldAre({ a: 29 });
    mend(2);
    expect(await tally.ask('a', 'redrive', 'mended in 1.2')).toEqual({ kind: 'released' });
    expect(await sequencesOf('a')).toEqual(upTo(30));
    expect(drains.map(({ applied, end }) => ({ applied, end }))).toEqual([
      { applied: 10, end: 'more' },
      { applied: 10, end: 'more' },
      { applied: 9, end: 'released' },
    ]);
    expect(await tally.decisions()).toEqual([
      { decision: 'redriven', key: 'a', key_seq: 2, who: 'olga', why: 'mended in 1.2' },
    ]);
    await produceEvents(tally.topic, countedEvents('a', 5, { from: 31 }));
    await tally.positionIs(38);
    expect(await sequencesOf('a')).toEqual(upTo(35));
  });

  test('stops at the first failure: what comes before it stays applied, what comes behind it queued', async () => {
    const { onHandle, mend } = refusing(2, 5);
    await produceEvents(tally.topic, countedEvents('a', 8));
    await tally.start({ onHandle });
    await tally.heldAre({ a: 7 });
    const still = await tally.ask('a', 'redrive');
    expect(still).toMatchObject({ kind: 'held', state: 'parked', events: 7 });
    expect(await tally.held()).toMatchObject([{ attempts: 2, firstKeySeq: 2 }]);
    mend(2);
    expect(await tally.ask('a', 'redrive')).toMatchObject({ kind: 'held', state: 'parked', events: 4 });
    expect(await sequencesOf('a')).toEqual(upTo(4));
    const [held] = await tally.held();
    expect(held).toMatchObject({ attempts: 1, firstKeySeq: 5 });
    expect(held?.reason).toContain('not 5');
    mend(5);
    expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
    expect(await sequencesOf('a')).toEqual(upTo(8));
  });

  test('finds by halving the event that the database refuses, with all before it applied', async () => {
    let isMended = false;
    await produceEvents(tally.topic, countedEvents('a', 40));
    await tally.start({
      maxBatchSize: 100,
      async onApply(tx, changes) {
        const refused = changes.some(({ keySeq }) => keySeq === 33 || (keySeq === 2 && !isMended));
        if (refused) await tx.query({ text: "insert into entries values (default, 'x', null, 1)" });
      },
    });
    await tally.heldAre({ a: 39 });
    isMended = true;
    expect(await tally.ask('a', 'redrive')).toMatchObject({ kind: 'held', state: 'parked', events: 8 });
    expect(await sequencesOf('a')).toEqual(upTo(32));
    expect(await tally.held()).toMatchObject([
      { firstKeySeq: 33, attempts: 1, code: 'event_handler_failed' },
    ]);
  });

  test('loses, strands and reorders nothing while more events of the key keep arriving', async () => {
    const { onHandle, mend } = refusing(2);
    await tally.start({ maxBatchSize: 7, onHandle });
    await produceEvents(tally.topic, countedEvents('a', 100));
    await tally.heldAre({ a: 99 });
    mend(2);
    let sent = 100;
    const answer = tally.ask('a', 'redrive');
    const arriving = (async () => {
      while (sent < 1_000) {
        await produceEvents(tally.topic, countedEvents('a', 10, { from: sent + 1 }));
        sent += 10;
        await delay(1);
      }
    })();
    expect(await answer).toEqual({ kind: 'released' });
    await arriving;
    await tally.applied(1_000);
    await tally.positionIs(1_000);
    expect(await sequencesOf('a')).toEqual(upTo(1_000));
    expect(await tally.held()).toEqual([]);
  });

  test('lets a batch that has more of the key wait, which then finds the key let go and goes on from there', async () => {
    const { onHandle, mend } = refusing(2);
    const holdUp: { until?: Promise<unknown> } = {};
    await produceEvents(tally.topic, countedEvents('a', 3));
    await tally.start({
      onHandle,
      async onApply() {
        await holdUp.until;
      },
    });
    await tally.heldAre({ a: 2 });
    mend(2);
    const goOn = Promise.withResolvers<undefined>();
    holdUp.until = goOn.promise;
    const answer = tally.ask('a', 'redrive');
    await whileDraining();
    await produceEvents(tally.topic, countedEvents('a', 2, { from: 4 }));
    await someoneWaits('%for share');
    goOn.resolve(undefined);
    expect(await answer).toEqual({ kind: 'released' });
    await tally.positionIs(5);
    expect(await sequencesOf('a')).toEqual(upTo(5));
    expect(await tally.held()).toEqual([]);
  });

  test('asked for while a batch is about to queue more of the key, takes that as well', async () => {
    const { onHandle, mend } = refusing(2);
    await produceEvents(tally.topic, countedEvents('a', 3));
    await tally.start({ onHandle });
    await tally.heldAre({ a: 2 });
    mend(2);
    // The batch has shared the key's row and stands before the row of key b.
    await produceEvents(tally.topic, countedEvents('b', 1));
    await tally.positionIs(4);
    const owner = createPool({
      connectionString: tally.database.ownerUrl,
      applicationName: 'test',
      log: silentLog,
      max: 1,
    });
    const answer = await inTransaction(owner, async (tx) => {
      await tx.query({ text: `select from pipeline.consumer_keys where key = 'b' for update` });
      await produceEvents(tally.topic, [
        ...countedEvents('a', 2, { from: 4 }),
        ...countedEvents('b', 1, { from: 2 }),
      ]);
      await someoneWaits('%consumer_keys%');
      const asked = tally.ask('a', 'redrive');
      await someoneWaits('%set request%');
      return { asked };
    });
    await owner.end();
    expect(await answer.asked).toEqual({ kind: 'released' });
    await tally.positionIs(7);
    expect(await sequencesOf('a')).toEqual(upTo(5));
    expect(await tally.held()).toEqual([]);
  });

  test('is done once when several instances see the request', async () => {
    const { onHandle, mend } = refusing(2);
    await produceEvents(tally.topic, countedEvents('a', 60));
    for (let instance = 0; instance < 3; instance += 1) await tally.start({ maxBatchSize: 5, onHandle });
    await tally.heldAre({ a: 59 });
    mend(2);
    expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
    expect(await sequencesOf('a')).toEqual(upTo(60));
    expect(await tally.decisions()).toHaveLength(1);
  });

  test('survives a connection that breaks in the middle, and applies nothing twice', async () => {
    const { onHandle, mend } = refusing(2);
    let kills = 0;
    await produceEvents(tally.topic, countedEvents('a', 20));
    await tally.start({
      maxBatchSize: 4,
      onHandle,
      async onApply(tx, changes) {
        if (kills === 2 || !changes.some(({ keySeq }) => keySeq === 9)) return;
        kills += 1;
        const { rows } = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
        await tally.database.pool.query({ text: 'select pg_terminate_backend($1)', values: [rows[0]?.pid] });
        await tx.query({ text: 'select 1' });
      },
    });
    await tally.heldAre({ a: 19 });
    mend(2);
    expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
    expect(kills).toBe(2);
    expect(await sequencesOf('a')).toEqual(upTo(20));
  });
});

describe('discarding', () => {
  test('passes over the event that fails, goes on with the rest, and keeps who and why', async () => {
    const { onHandle } = refusing(2);
    await produceEvents(tally.topic, countedEvents('a', 5));
    await tally.start({ onHandle });
    await tally.heldAre({ a: 4 });
    expect(await tally.ask('a', 'discard', 'nonsense')).toEqual({ kind: 'released' });
    expect(await sequencesOf('a')).toEqual([1, 3, 4, 5]);
    expect(await tally.outcomes()).toEqual({ counted: 4, discarded: 1 });
    expect(await tally.decisions()).toEqual([
      { decision: 'discarded', key: 'a', key_seq: 2, who: 'olga', why: 'nonsense' },
    ]);
  });

  test('stops where the next event fails, which is not discarded with it', async () => {
    const { onHandle } = refusing(2, 3);
    await produceEvents(tally.topic, countedEvents('a', 5));
    await tally.start({ onHandle, maxBatchSize: 1 });
    await tally.heldAre({ a: 4 });
    expect(await tally.ask('a', 'discard', 'x')).toMatchObject({ kind: 'held', events: 3 });
    expect(await tally.held()).toMatchObject([{ firstKeySeq: 3, request: null }]);
    expect(await tally.decisions()).toHaveLength(1);
  });

  test('empties the whole queue if that is asked for, and the key goes on behind it', async () => {
    const { onHandle } = refusing(2, 3);
    await produceEvents(tally.topic, countedEvents('a', 9));
    await tally.start({ onHandle, maxBatchSize: 4 });
    await tally.heldAre({ a: 8 });
    expect(await tally.ask('a', 'discard_all', 'x')).toEqual({ kind: 'released' });
    expect(await tally.decisions()).toHaveLength(8);
    await produceEvents(tally.topic, countedEvents('a', 1, { from: 10 }));
    await tally.applied(2);
    expect(await sequencesOf('a')).toEqual([1, 10]);
  });

  test('remembers an event that is too old to be remembered as processed: published again, it is a copy', async () => {
    const old = { eventId: '01900000-0000-7000-8000-000000000001' };
    const [first, second, third] = countedEvents('a', 3);
    if (first === undefined || second === undefined || third === undefined) return;
    await produceEvents(tally.topic, [first, { ...second, ...old }, third]);
    await tally.start();
    await tally.heldAre({ a: 2 });
    expect(await tally.ask('a', 'discard', 'done by hand')).toEqual({ kind: 'released' });
    await produceEvents(tally.topic, [{ ...second, ...old }, ...countedEvents('a', 1, { from: 4 })]);
    await tally.applied(3);
    await tally.positionIs(5);
    expect(await tally.held()).toEqual([]);
    expect(await sequencesOf('a')).toEqual([1, 3, 4]);
  });
});

async function someoneWaits(query: string): Promise<void> {
  await waitUntil(
    async () => {
      const { rows } = await tally.operator.query({
        text: `select from pg_stat_activity
               where datname = current_database() and query like $1 and wait_event_type = 'Lock'`,
        values: [query],
      });
      return rows.length > 0;
    },
    { timeoutMs: 60_000, everyMs: 5, what: `somebody to wait in ${query}` },
  );
}

async function whileDraining(): Promise<void> {
  await waitUntil(
    async () => {
      const { rows } = await tally.database.pool.query({
        text: `select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
      });
      return rows.length > 0;
    },
    { timeoutMs: 4_000, everyMs: 5, what: 'the drain to be held up' },
  );
}
