import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BatchReport } from './batch-report.ts';
import type { DrainReport } from './drain-report.ts';
import type { HeldReport } from './held-report.ts';
import type { RunConsumerOptions } from './run-consumer.ts';

/** What to call with each report of a consumer. */
export type ConsumerMetrics = Required<
  Pick<RunConsumerOptions<unknown, unknown>, 'onBatch' | 'onDrain' | 'onHeld' | 'onRetry' | 'onAssigned'>
>;

/** A batch takes at most 2,000 events unless told. */
const SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000];
/** A batch's transaction may take 30 s. */
const DURATIONS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From the quick way to a week's outage. */
const AGES = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400, 604_800];

/** Adds what the consumer did, and what it holds back, to the service's metrics. */
export function countBatches(registry: Registry): ConsumerMetrics {
  const countEvents = countTaken(registry);
  const measureBatch = measureBatches(registry);
  const held = showHeld(registry);
  return {
    onBatch(report) {
      countEvents(report);
      measureBatch(report);
      held.began(report);
    },
    onDrain: countEvents,
    onHeld: held.show,
    onRetry: countRetries(registry),
    onAssigned: showAssigned(registry),
  };
}

function countTaken(registry: Registry) {
  const events = new Counter({
    name: 'consumer_events_total',
    help: 'Events taken in, by what became of them; those of a held key once as queued and once when they leave its queue',
    labelNames: ['consumer', 'type', 'outcome'] as const,
    registers: [registry],
  });
  const age = new Histogram({
    name: 'consumer_event_age_seconds',
    help: 'Seconds from when an event occurred until it was applied and committed',
    labelNames: ['consumer', 'topic'] as const,
    buckets: AGES,
    registers: [registry],
  });
  return ({ consumer, topic, taken, committedAt }: BatchReport | DrainReport): void => {
    for (const { type, outcome, events: number } of taken.counts)
      events.inc({ consumer, type, outcome }, number);
    const committed = committedAt.getTime();
    for (const occurredAt of taken.occurredAt)
      // Clocks of two machines may differ: an age below 0 is none.
      age.observe({ consumer, topic }, Math.max(0, committed - occurredAt.getTime()) / 1_000);
  };
}

function measureBatches(registry: Registry) {
  const labelNames = ['consumer', 'topic'] as const;
  const size = new Histogram({
    name: 'consumer_batch_events',
    help: 'Events of one committed batch',
    ...{ labelNames, buckets: SIZES, registers: [registry] },
  });
  const duration = new Histogram({
    name: 'consumer_batch_duration_seconds',
    help: "Seconds of a batch's transaction, from its begin until it was committed",
    ...{ labelNames, buckets: DURATIONS, registers: [registry] },
  });
  return ({ consumer, topic, taken, durationMs }: BatchReport): void => {
    const events = taken.counts.reduce((sum, count) => sum + count.events, 0);
    size.observe({ consumer, topic }, events);
    duration.observe({ consumer, topic }, durationMs / 1_000);
  };
}

function countRetries(registry: Registry): ConsumerMetrics['onRetry'] {
  const retries = new Counter({
    name: 'consumer_retries_total',
    help: 'Times that something failed for a reason that passes, and was tried again',
    labelNames: ['consumer', 'reason'] as const,
    registers: [registry],
  });
  return ({ consumer, code }) => retries.inc({ consumer, reason: code });
}

function showAssigned(registry: Registry): ConsumerMetrics['onAssigned'] {
  const assigned = new Gauge({
    name: 'consumer_assigned_partitions',
    help: 'Partitions that this instance reads',
    labelNames: ['consumer'] as const,
    registers: [registry],
  });
  return ({ consumer, partitions }) => assigned.set({ consumer }, partitions);
}

function showHeld(registry: Registry) {
  const labelNames = ['consumer', 'state'] as const;
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers: [registry] });
  const began = new Counter({
    name: 'consumer_keys_held_total',
    help: 'Keys that began to be held: parked by a failing event, or waiting for one',
    ...{ labelNames, registers: [registry] },
  });
  const keys = gauge(
    'consumer_held_keys',
    'Keys that are held: parked by a failing event, or waiting for one',
  );
  const queued = gauge('consumer_held_events', 'Events that wait behind held keys');
  const age = gauge('consumer_held_oldest_seconds', 'For how long the oldest of the held keys is held');
  return {
    began: ({ consumer, parkedKeys, waitingKeys }: BatchReport): void => {
      began.inc({ consumer, state: 'parked' }, parkedKeys);
      began.inc({ consumer, state: 'waiting' }, waitingKeys);
    },
    show: ({ consumer, parked, waiting }: HeldReport): void => {
      for (const [state, held] of Object.entries({ parked, waiting })) {
        keys.set({ consumer, state }, held.keys);
        queued.set({ consumer, state }, held.events);
        const heldMs = held.since === null ? 0 : Date.now() - held.since.getTime();
        age.set({ consumer, state }, Math.max(0, heldMs) / 1_000);
      }
    },
  };
}
