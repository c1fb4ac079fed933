import { Counter, Gauge, type Registry } from 'prom-client';
import type { BatchReport } from './batch-report.ts';

/** Adds what the consumer did to the service's metrics; gives the function to call after each committed batch. */
export function countBatches(registry: Registry): (report: BatchReport) => void {
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
  return ({ consumer, partition, to, highWatermark, ignored, duplicates, outcomes }) => {
    for (const [outcome, count] of Object.entries({ ...outcomes, ignored, duplicate: duplicates })) {
      events.inc({ consumer, outcome }, count);
    }
    behind.set({ consumer, partition }, Math.max(0, highWatermark - to));
  };
}
