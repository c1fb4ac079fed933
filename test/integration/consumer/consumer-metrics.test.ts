import { Registry } from 'prom-client';
import { countBatches } from '../../../src/consumer/count-batches.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { produceEvents, testEvent } from '../../support/produce-events.ts';
import { countedEvents } from '../../support/tally-consumer.ts';
import { createTallyFixture, type TallyFixture } from '../../support/tally-fixture.ts';

let tally: TallyFixture;
let registry: Registry;
beforeEach(async () => {
  tally = await createTallyFixture({ partitions: 2 });
  registry = new Registry();
});
afterEach(() => tally.close());

/** A metric's values by labels, in the order of their names: `Counted counted` for `{type="Counted",outcome="counted"}`. */
async function values(name: string, ...labels: string[]): Promise<Record<string, number>> {
  const metric = (await registry.getMetricsAsJSON()).find((one) => one.name === name);
  const samples = (metric?.values ?? []) as { labels: Record<string, string>; value: number }[];
  return Object.fromEntries(
    samples.map((sample) => [labels.map((label) => sample.labels[label]).join(' '), sample.value]),
  );
}

/** Of a histogram: how many were observed, and their sum. */
async function observed(name: string): Promise<{ count: number; sum: number }> {
  const metric = (await registry.getMetricsAsJSON()).find((one) => one.name === name);
  const samples = (metric?.values ?? []) as { metricName?: string; value: number }[];
  const of = (end: string): number =>
    samples.find(({ metricName }) => metricName === `${name}_${end}`)?.value ?? 0;
  return { count: of('count'), sum: of('sum') };
}

test('batches, events by type and outcome, ages, assignment and held keys are what the consumer did', async () => {
  const [first, second, third] = countedEvents('a', 3);
  if (first === undefined || second === undefined || third === undefined) return;
  const aMinuteAgo = { occurredAt: new Date(Date.now() - 60_000).toISOString() };
  await produceEvents(tally.topic, [
    ...[{ ...first, headers: aMinuteAgo }, { ...second, headers: aMinuteAgo }, second],
    testEvent({ type: 'Skipped', key: 'b', keySeq: 1, payload: { why: 'test' } }),
    ...countedEvents('poison', 2),
    testEvent({ type: 'OfTomorrow', key: 'c', keySeq: 1, payload: {} }),
  ]);
  await tally.start({
    ...countBatches(registry),
    unknownTypes: 'skip',
    onHandle: ({ key }) => {
      if (key === 'poison') throw new Error('poison');
    },
  });
  await tally.positionIs(7);
  await tally.heldAre({ poison: 2 });
  await waitUntil(async () => (await values('consumer_held_keys', 'state'))['parked'] === 1, {
    timeoutMs: 60_000,
    what: 'the held key to be told',
  });
  expect(await values('consumer_events_total', 'type', 'outcome')).toEqual({
    'Counted counted': 2,
    'Counted duplicate': 1,
    'Counted queued': 2,
    'Skipped ignored': 1,
    'unknown unknown_type': 1,
  });
  expect(await observed('consumer_batch_events')).toEqual({ count: 1, sum: 7 });
  expect((await observed('consumer_batch_duration_seconds')).sum).toBeGreaterThan(0);
  const ages = await observed('consumer_event_age_seconds');
  expect(ages.count).toBe(2);
  expect(ages.sum).toBeGreaterThan(120);
  expect(ages.sum).toBeLessThan(240);
  expect(await values('consumer_assigned_partitions', 'consumer')).toEqual({ tally: 2 });
  expect(await values('consumer_keys_held_total', 'state')).toEqual({ parked: 1, waiting: 0 });
  expect(await values('consumer_held_events', 'state')).toEqual({ parked: 2, waiting: 0 });
});

test('what an operator lets go is counted when it leaves the queue; a consumer that has stopped reads nothing', async () => {
  let isMended = false;
  await produceEvents(tally.topic, countedEvents('poison', 2));
  const consumer = await tally.start({
    ...countBatches(registry),
    onHandle: () => {
      if (!isMended) throw new Error('poison');
    },
  });
  await tally.heldAre({ poison: 2 });
  isMended = true;
  await tally.ask('poison', 'redrive');
  await tally.applied(2);
  await waitUntil(async () => (await values('consumer_held_keys', 'state'))['parked'] === 0, {
    timeoutMs: 60_000,
    what: 'the key to be let go',
  });
  expect(await values('consumer_events_total', 'type', 'outcome')).toEqual({
    'Counted queued': 2,
    'Counted counted': 2,
  });
  expect((await observed('consumer_event_age_seconds')).count).toBe(2);
  await consumer.stop();
  expect(await values('consumer_assigned_partitions', 'consumer')).toEqual({ tally: 0 });
});

test('a retry is counted by its reason', async () => {
  let kills = 0;
  await produceEvents(tally.topic, countedEvents('a', 3));
  await tally.start({
    ...countBatches(registry),
    async onApply(tx) {
      if (kills === 2) return;
      kills += 1;
      const { rows } = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      await tally.database.pool.query({ text: 'select pg_terminate_backend($1)', values: [rows[0]?.pid] });
      await tx.query({ text: 'select 1' });
    },
  });
  await tally.positionIs(3);
  expect(await values('consumer_retries_total', 'reason')).toEqual({ database_unreachable: 2 });
  expect(await observed('consumer_batch_events')).toEqual({ count: 1, sum: 3 });
});
