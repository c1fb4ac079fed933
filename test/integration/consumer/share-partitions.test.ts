import { consumerCheck } from '../../../src/consumer/consumer-check.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import { createTallyFixture } from '../../support/tally-fixture.ts';
import type { TallyFixture } from '../../support/tally-fixture.ts';

let tally: TallyFixture;
beforeEach(async () => {
  tally = await createTallyFixture({ partitions: 2 });
});
afterEach(() => tally.close());

const until = (what: string, condition: () => boolean): Promise<unknown> =>
  waitUntil(condition, { timeoutMs: 60_000, what });

test('instances share the partitions, one too many stays idle, and who leaves is replaced, without loss or repeat under load', async () => {
  const keys = ['a', 'b', 'c', 'd'].map((key, index) => ({ key, partition: index % 2 }));
  const rounds = 12;
  const perRound = 25;
  const start = () => tally.start({ maxBatchSize: 20 });
  const [first, second] = [await start(), await start()];
  const produce = async (round: number): Promise<void> => {
    const from = round * perRound + 1;
    await produceEvents(
      tally.topic,
      keys.flatMap(({ key, partition }) => countedEvents(key, perRound, { from, partition })),
    );
  };
  await until(
    'one partition each',
    () => first.assignment().length === 1 && second.assignment().length === 1,
  );
  const load = (async () => {
    for (let round = 0; round < rounds; round += 1) await produce(round);
  })();
  const third = await start();
  await until('one instance to be idle', () => {
    const sizes = [first, second, third].map((consumer) => consumer.assignment().length);
    return (
      sizes.filter((size) => size === 1).length === 2 &&
      [first, second, third].some((consumer) => consumer.isIdle())
    );
  });
  // To an operator it is idle by right, not sick.
  const idle = [first, second, third].find((consumer) => consumer.isIdle());
  expect(consumerCheck(() => idle)()).toEqual({
    ok: true,
    detail: 'idle: the other instances of its group have all partitions',
  });
  await first.stop();
  await until('the others to take over', () => second.assignment().length + third.assignment().length === 2);
  await load;
  await tally.applied(rounds * perRound * keys.length);
  const applied = await tally.entries();
  for (const { key } of keys)
    expect(applied.filter((entry) => entry.key === key).map((entry) => entry.key_seq)).toEqual(
      Array.from({ length: rounds * perRound }, (_, index) => index + 1),
    );
  expect(first.assignment()).toEqual([]);
  expect(first.isIdle()).toBe(false);
});

test('members that come and go all the time while events flow lose, repeat and reorder nothing', async () => {
  const keys = ['a', 'b', 'c', 'd'].map((key, index) => ({ key, partition: index % 2 }));
  const changes = 6;
  const perRound = 30;
  const enough = new AbortController();
  // It works on small batches, so that members go in the middle of what was fetched.
  const start = () => tally.start({ maxBatchSize: 7 });
  const load = (async () => {
    let from = 1;
    for (; !enough.signal.aborted; from += perRound) {
      await produceEvents(
        tally.topic,
        keys.flatMap(({ key, partition }) => countedEvents(key, perRound, { from, partition })),
      );
      // At most a few rounds ahead: always something to do, and soon done at the end.
      await tally.applied((from - 3 * perRound) * keys.length);
    }
    return from - 1;
  })();
  const members = [await start()];
  for (let change = 0; change < changes; change += 1) {
    const before = (await tally.entries()).length;
    // One comes; and every other time the oldest goes while the group still deals with that.
    members.push(await start());
    if (change % 2 === 1) await members.shift()?.stop();
    await tally.applied(before + 1);
  }
  enough.abort();
  const perKey = await load;
  await tally.applied(perKey * keys.length);
  const applied = await tally.entries();
  for (const { key } of keys)
    expect(applied.filter((entry) => entry.key === key).map((entry) => entry.key_seq)).toEqual(
      Array.from({ length: perKey }, (_, index) => index + 1),
    );
  expect(await tally.held()).toEqual([]);
}, 120_000);
