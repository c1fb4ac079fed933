import { Registry } from 'prom-client';
import type { BatchReport } from '../../../src/consumer/batch-report.ts';
import { countBatches } from '../../../src/consumer/count-batches.ts';

const at = new Date('2026-11-25T12:00:00Z');
const before = (seconds: number): Date => new Date(at.getTime() - seconds * 1_000);

const report: BatchReport = {
  ...{ consumer: 'tally', topic: 'tally.events', partition: 0, from: 10, to: 15, highWatermark: 20 },
  ...{ applied: 2, ignored: 1, duplicates: 1, beforeBase: 0, unknownTypes: 0, queued: 1 },
  ...{ parkedKeys: 1, waitingKeys: 0, outcomes: { counted: 2 }, oldestOccurredAt: before(40) },
  taken: {
    counts: [
      { type: 'Counted', outcome: 'counted', events: 2 },
      { type: 'Skipped', outcome: 'ignored', events: 1 },
      { type: 'Counted', outcome: 'duplicate', events: 1 },
      { type: 'unknown', outcome: 'queued', events: 1 },
    ],
    occurredAt: [before(0.02), before(40)],
  },
  ...{ committedAt: at, durationMs: 30, attempts: 1 },
};

/** The lines of the metrics that begin with one of the names, without those of empty buckets. */
async function lines(registry: Registry, ...names: string[]): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => names.some((name) => line.startsWith(`${name}{`)));
}

test('the events of a batch are counted by type and outcome, and their ages taken from the commit', async () => {
  const registry = new Registry();
  countBatches(registry).onBatch(report);
  expect(await lines(registry, 'consumer_events_total')).toEqual([
    'consumer_events_total{consumer="tally",type="Counted",outcome="counted"} 2',
    'consumer_events_total{consumer="tally",type="Skipped",outcome="ignored"} 1',
    'consumer_events_total{consumer="tally",type="Counted",outcome="duplicate"} 1',
    'consumer_events_total{consumer="tally",type="unknown",outcome="queued"} 1',
  ]);
  const ages = await lines(registry, 'consumer_event_age_seconds_bucket', 'consumer_event_age_seconds_sum');
  expect(ages).toEqual(
    expect.arrayContaining([
      'consumer_event_age_seconds_bucket{le="0.01",consumer="tally",topic="tally.events"} 0',
      'consumer_event_age_seconds_bucket{le="0.025",consumer="tally",topic="tally.events"} 1',
      'consumer_event_age_seconds_bucket{le="30",consumer="tally",topic="tally.events"} 1',
      'consumer_event_age_seconds_bucket{le="60",consumer="tally",topic="tally.events"} 2',
      'consumer_event_age_seconds_sum{consumer="tally",topic="tally.events"} 40.02',
    ]),
  );
  expect(await lines(registry, 'consumer_batch_events_sum', 'consumer_batch_duration_seconds_sum')).toEqual([
    'consumer_batch_events_sum{consumer="tally",topic="tally.events"} 5',
    'consumer_batch_duration_seconds_sum{consumer="tally",topic="tally.events"} 0.03',
  ]);
  expect(await lines(registry, 'consumer_keys_held_total')).toEqual([
    'consumer_keys_held_total{consumer="tally",state="parked"} 1',
    'consumer_keys_held_total{consumer="tally",state="waiting"} 0',
  ]);
});

test('an age below 0, of a clock that is ahead, counts as none', async () => {
  const registry = new Registry();
  countBatches(registry).onBatch({
    ...report,
    taken: { counts: [], occurredAt: [before(-5)] },
  });
  expect(await lines(registry, 'consumer_event_age_seconds_sum')).toEqual([
    'consumer_event_age_seconds_sum{consumer="tally",topic="tally.events"} 0',
  ]);
});

test('what leaves the queue of a held key is counted as well; retries by their reason; partitions as they are now', async () => {
  const registry = new Registry();
  const { onDrain, onRetry, onAssigned } = countBatches(registry);
  onDrain({
    ...{ consumer: 'tally', topic: 'tally.events', key: 'a', applied: 1, outcomes: { counted: 1 } },
    taken: { counts: [{ type: 'Counted', outcome: 'counted', events: 1 }], occurredAt: [before(90)] },
    ...{ oldestOccurredAt: before(90), end: 'released', committedAt: at },
  });
  for (let time = 0; time < 3; time += 1) onRetry({ consumer: 'tally', code: 'database_unreachable' });
  onAssigned({ consumer: 'tally', partitions: 4 });
  onAssigned({ consumer: 'tally', partitions: 1 });
  expect(
    await lines(
      registry,
      ...['consumer_events_total', 'consumer_event_age_seconds_sum', 'consumer_retries_total'],
      'consumer_assigned_partitions',
    ),
  ).toEqual([
    'consumer_events_total{consumer="tally",type="Counted",outcome="counted"} 1',
    'consumer_event_age_seconds_sum{consumer="tally",topic="tally.events"} 90',
    'consumer_retries_total{consumer="tally",reason="database_unreachable"} 3',
    'consumer_assigned_partitions{consumer="tally"} 1',
  ]);
  // No batch: the queue's transaction is none.
  expect(await lines(registry, 'consumer_batch_events_count')).toEqual([]);
});
