import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
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
    let tried = 0;
    await tally.start({
      onHandle: ({ amount }) => {
        if (amount === DEADLY) tried += 1;
      },
    });
    await tally.positionIs(8);
    expect(tried).toBe(0);
    expect((await tally.entries()).map(({ key, key_seq }) => `${key}${key_seq}`)).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((seq) => `b${seq}`),
    ]);
    expect(await tally.held()).toMatchObject([
      { key: 'a', state: 'parked', code: 'event_kills', firstKeySeq: 2, events: 1 },
    ]);
    expect(await marks()).toEqual([]);
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
