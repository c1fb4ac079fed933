import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Decoder } from '../../../src/events/decoder.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { countedEvents, tallyTopic } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';
import { DEADLY } from '../../support/tally-process.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture();
});
afterEach(() => tally.close());

const program = fileURLToPath(new URL('../../support/tally-process.ts', import.meta.url));

/** Runs the consumer as a process of its own until it ends; gives the signal that ended it. */
async function untilItDies(): Promise<unknown> {
  const prefix = tally.topic.slice(0, -'tally.events'.length);
  const child = spawn(process.execPath, [program, tally.database.appUrl, prefix], {
    env: process.env,
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}

async function marks(): Promise<unknown[]> {
  const { rows } = await tally.database.pool.query({
    text: 'select from_offset, to_offset, suspect_to, times from pipeline.started_batches',
  });
  return rows;
}

/** a1, a2 (deadly), b1 ... b6 */
async function produceDeadly(): Promise<void> {
  const [a1, a2] = countedEvents('a', 2);
  if (a1 === undefined || a2 === undefined) return;
  await produceEvents(tally.topic, [a1, { ...a2, payload: { amount: DEADLY } }, ...countedEvents('b', 6)]);
}

/** Consumer options that count how often the deadly event was decoded or handled. */
function countingTries() {
  let tries = 0;
  const count = (amount: number): void => {
    if (amount === DEADLY) tries += 1;
  };
  const decoder: Decoder = {
    decode: ({ value }) => {
      const payload = JSON.parse(value.toString('utf8')) as { amount: number };
      count(payload.amount);
      return Promise.resolve(payload);
    },
  };
  return {
    options: { decoder, onHandle: ({ amount }: { amount: number }) => count(amount) },
    tried: () => tries,
  };
}

/** A handler that refuses the second event of each key until it is mended. */
function refusingTwo() {
  let isMended = false;
  const onHandle = ({ keySeq }: { keySeq: number }): void => {
    if (keySeq === 2 && !isMended) throw new Error('not two');
  };
  return { onHandle, mend: () => (isMended = true) };
}

describe('an event that kills the process', () => {
  test('leaves its batch marked; the next process begins with half of it, and at the end it is parked untried', async () => {
    await produceDeadly();
    expect(await untilItDies()).toBe('SIGKILL');
    expect(await marks()).toEqual([{ from_offset: 0, to_offset: 8, suspect_to: 8, times: 1 }]);
    expect(await untilItDies()).toBe('SIGKILL');
    expect(await marks()).toEqual([{ from_offset: 0, to_offset: 4, suspect_to: 8, times: 1 }]);
    // As it is after the deaths that follow: the second event was tried alone three times.
    await tally.database.pool.query({
      text: 'update pipeline.started_batches set from_offset = 1, to_offset = 2, times = 3',
    });
    await tally.database.pool.query({ text: 'update pipeline.consumer_positions set next_offset = 1' });
    await tally.database.pool.query({
      text: `insert into pipeline.consumer_keys values ('tally', $1, 'a', 1, 1)`,
      values: [tallyTopic],
    });
    const { options, tried } = countingTries();
    await tally.start(options);
    await tally.positionIs(8);
    expect(tried()).toBe(0);
    expect((await tally.entries()).map(({ key, key_seq }) => `${key}${key_seq}`)).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((seq) => `b${seq}`),
    ]);
    expect(await tally.held()).toMatchObject([
      { key: 'a', state: 'parked', code: 'event_kills', firstKeySeq: 2, events: 1 },
    ]);
    expect(await marks()).toEqual([]);
  });
});

describe('an event that kills the process that runs a queue', () => {
  const drainsBegun = async (): Promise<unknown> => {
    const { rows } = await tally.database.pool.query({
      text: 'select drains_begun from pipeline.parked_keys',
    });
    return rows;
  };

  test('is parked after a few deaths, untried, and can be discarded', async () => {
    const [a1, a2, ...later] = countedEvents('a', 40);
    if (a1 === undefined || a2 === undefined) return;
    await produceEvents(tally.topic, [a1, ...later]);
    const consumer = await tally.start();
    await tally.heldAre({ a: 38 });
    await consumer.stop();
    // What the key waits for is what kills: each process that starts runs the queue at once.
    await produceEvents(tally.topic, [{ ...a2, payload: { amount: DEADLY } }]);
    expect(await untilItDies()).toBe('SIGKILL');
    expect(await drainsBegun()).toEqual([{ drains_begun: 1 }]);
    expect(await untilItDies()).toBe('SIGKILL');
    expect(await drainsBegun()).toEqual([{ drains_begun: 2 }]);
    await tally.database.pool.query({ text: 'update pipeline.parked_keys set drains_begun = 5' });
    const { options, tried } = countingTries();
    await tally.start(options);
    await tally.heldAre({ a: 39 });
    await waitUntil(async () => (await tally.held())[0]?.state === 'parked', {
      timeoutMs: 30_000,
      what: 'the key to be parked',
    });
    expect(await tally.held()).toMatchObject([{ key: 'a', code: 'event_kills', firstKeySeq: 2 }]);
    expect(await tally.ask('a', 'discard', 'it kills')).toEqual({ kind: 'released' });
    expect(tried()).toBe(0);
    expect((await tally.entries()).map((entry) => entry.key_seq)).toEqual([
      1,
      ...later.map((one) => one.keySeq),
    ]);
  });

  test('is come to in ever smaller steps, with everything before it applied', async () => {
    const { onHandle, mend } = refusingTwo();
    await produceEvents(tally.topic, countedEvents('a', 40));
    const sizes: number[] = [];
    await tally.start({
      maxBatchSize: 100,
      onHandle,
      onApply: (_, changes) => Promise.resolve(void sizes.push(changes.length)),
    });
    await tally.heldAre({ a: 39 });
    sizes.splice(0);
    // As a process leaves it that died over the queue.
    await tally.database.pool.query({ text: 'update pipeline.parked_keys set drains_begun = 1' });
    mend();
    expect(await tally.ask('a', 'redrive')).toEqual({ kind: 'released' });
    expect(sizes).toEqual([10, 10, 10, 9]);
  });

  test('no run counts that ended with an error', async () => {
    await produceEvents(tally.topic, countedEvents('a', 3));
    await tally.start({
      onApply: (_, changes) =>
        changes.some(({ keySeq }) => keySeq > 1) ? Promise.reject(new Error('not now')) : Promise.resolve(),
    });
    await tally.heldAre({ a: 2 });
    for (let times = 0; times < 6; times += 1)
      expect(await tally.ask('a', 'redrive')).toMatchObject({ kind: 'held', state: 'parked' });
    expect(await drainsBegun()).toEqual([{ drains_begun: 0 }]);
    expect(await tally.held()).toMatchObject([{ code: 'event_handler_failed' }]);
  });
});

describe('the mark of a healthy batch', () => {
  test('goes with its commit, and is not made again', async () => {
    await produceEvents(tally.topic, countedEvents('a', 5));
    let seen: unknown[] = [];
    const consumer = await tally.start({
      maxBatchSize: 2,
      async onApply() {
        seen = [...seen, ...(await marks())];
      },
    });
    await tally.positionIs(5);
    expect(seen).toEqual([{ from_offset: 0, to_offset: 2, suspect_to: 2, times: 1 }]);
    expect(await marks()).toEqual([]);
    await consumer.stop();
  });

  test('goes when the consumer is stopped while it tries, as in a deploy', async () => {
    await produceEvents(tally.topic, countedEvents('a', 5));
    const tried = Promise.withResolvers<undefined>();
    const consumer = await tally.start({
      onApply() {
        tried.resolve(undefined);
        return Promise.reject(Object.assign(new Error('shutting down'), { code: '57P03' }));
      },
    });
    await tried.promise;
    expect(await marks()).toHaveLength(1);
    await consumer.stop();
    expect(await marks()).toEqual([]);
  });
});
