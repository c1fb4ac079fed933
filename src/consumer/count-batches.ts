import { Counter, Gauge, type Registry } from 'prom-client';
import type { BatchReport } from './batch-report.ts';
import type { DrainReport } from './drain-report.ts';
import type { HeldReport } from './held-report.ts';

/** What to call with each report of a consumer. */
export interface ConsumerMetrics {
  readonly onBatch: (report: BatchReport) => void;
  readonly onDrain: (report: DrainReport) => void;
  readonly onHeld: (report: HeldReport) => void;
}

/** Adds what the consumer did, and what it holds back, to the service's metrics. */
export function countBatches(registry: Registry): ConsumerMetrics {
  const events = new Counter({
    name: 'consumer_events_total',
    help: 'Events taken in, by what became of them',
    labelNames: ['consumer', 'outcome'] as const,
    registers: [registry],
  });
  const behind = new Gauge({
    name: 'consumer_records_behind',
    help: 'Records of the partition that were not yet applied after the last batch',
    labelNames: ['consumer', 'partition'] as const,
    registers: [registry],
  });
  const count = (consumer: string, outcomes: Readonly<Record<string, number>>): void => {
    for (const [outcome, number] of Object.entries(outcomes)) events.inc({ consumer, outcome }, number);
  };
  return {
    onBatch({ consumer, partition, to, highWatermark, ignored, duplicates, unknownTypes, queued, outcomes }) {
      count(consumer, { ...outcomes, ignored, duplicate: duplicates, unknown_type: unknownTypes, queued });
      behind.set({ consumer, partition }, Math.max(0, highWatermark - to));
    },
    onDrain: ({ consumer, outcomes }) => count(consumer, outcomes),
    onHeld: showHeld(registry),
  };
}

function showHeld(registry: Registry): (report: HeldReport) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['consumer', 'state'] as const, registers: [registry] });
  const keys = gauge(
    'consumer_held_keys',
    'Keys that are held: parked by a failing event, or waiting for one',
  );
  const queued = gauge('consumer_held_events', 'Events that wait behind held keys');
  const age = gauge('consumer_held_oldest_seconds', 'For how long the oldest of the held keys is held');
  return ({ consumer, parked, waiting }) => {
    for (const [state, held] of Object.entries({ parked, waiting })) {
      keys.set({ consumer, state }, held.keys);
      queued.set({ consumer, state }, held.events);
      const heldMs = held.since === null ? 0 : Date.now() - held.since.getTime();
      age.set({ consumer, state }, Math.max(0, heldMs) / 1_000);
    }
  };
}
