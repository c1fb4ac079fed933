import { Counter, Gauge, type Registry } from 'prom-client';
import { timeOfEventId } from '../../consumer/event-horizon.ts';
import type { OutboxReport } from './audit-outbox.ts';
import { verdictOf, type AuditReport } from './audit-pipeline.ts';
import { FIRST_ID } from './event-row.ts';

/** Adds to a registry what the rounds of the audit find. @returns to be called with each round's report */
export function measureAudit(registry: Registry): (report: AuditReport) => void {
  const tellRound = measureRounds(registry);
  const tellOutbox = measureOutboxes(registry);
  return (report) => {
    tellRound(report);
    for (const outbox of report.outboxes) tellOutbox(outbox);
  };
}

function measureRounds(registry: Registry): (report: AuditReport) => void {
  const rounds = new Counter({
    name: 'audit_rounds_total',
    help: 'Rounds of the audit, by their verdict: proven, late, missing, unreachable',
    labelNames: ['verdict'] as const,
    registers: [registry],
  });
  const ended = new Gauge({
    name: 'audit_last_round_timestamp_seconds',
    help: 'When the last round ended, in seconds since 1970',
    registers: [registry],
  });
  const duration = new Gauge({
    name: 'audit_last_round_duration_seconds',
    help: 'How long the last round took',
    registers: [registry],
  });
  return (report) => {
    rounds.inc({ verdict: verdictOf(report) });
    ended.set((report.at.getTime() + report.tookMs) / 1_000);
    duration.set(report.tookMs / 1_000);
  };
}

function measureOutboxes(registry: Registry): (report: OutboxReport) => void {
  const rows = new Counter({
    name: 'audit_rows_total',
    help: 'Rows of the outbox that were looked at',
    labelNames: ['outbox'] as const,
    registers: [registry],
  });
  const repaired = new Counter({
    name: 'audit_repaired_total',
    help: 'Events that were published once more',
    labelNames: ['outbox'] as const,
    registers: [registry],
  });
  const missing = new Gauge({
    name: 'audit_missing_events',
    help: 'Events that the last round did not find at the consumer: late, repairing (published once more) or lost',
    labelNames: ['outbox', 'consumer', 'state'] as const,
    registers: [registry],
  });
  const through = new Gauge({
    name: 'audit_proven_timestamp_seconds',
    help: 'Up to when every event of the outbox is proven to have arrived everywhere, in seconds since 1970',
    labelNames: ['outbox'] as const,
    registers: [registry],
  });
  return ({ service: outbox, rows: looked, repaired: again, readers, through: proven }) => {
    rows.inc({ outbox }, looked);
    repaired.inc({ outbox }, again.length);
    for (const { consumer, states, beyond } of readers) {
      missing.set({ outbox, consumer, state: 'late' }, states.late + beyond);
      missing.set({ outbox, consumer, state: 'repairing' }, states.repairing);
      missing.set({ outbox, consumer, state: 'lost' }, states.lost);
    }
    // An outbox that could not be asked says nothing of how far it was proven before.
    if (proven !== FIRST_ID) through.set({ outbox }, timeOfEventId(proven) / 1_000);
  };
}
