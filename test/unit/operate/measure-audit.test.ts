import { Registry } from 'prom-client';
import type { OutboxReport } from '../../../src/operate/audit/audit-outbox.ts';
import type { AuditReport } from '../../../src/operate/audit/audit-pipeline.ts';
import { measureAudit } from '../../../src/operate/audit/measure-audit.ts';

const outbox = (states: { late: number; repairing: number; lost: number }): OutboxReport => ({
  ...{ service: 'orders', rows: 100, until: undefined, heldBackSince: undefined },
  through: '01a2116a-e14e-7000-8000-000000000000',
  readers: [
    {
      ...{ consumer: 'sales', service: 'sales', expected: 100, states, beyond: 5 },
      fates: { applied: 90, ignored: 0, parked: 0, discarded: 0 },
    },
  ],
  ...{ missing: [], doubt: undefined, problems: [] },
  repaired: [{ eventId: 'a', rowId: 'b' }],
});
const round = (outboxes: OutboxReport[], problems: AuditReport['problems'] = []): AuditReport => ({
  at: new Date('2026-11-25T12:00:00Z'),
  tookMs: 2_000,
  outboxes,
  problems,
});

test('each round is counted by its verdict, and what it found stands until the next one', async () => {
  const registry = new Registry();
  const tell = measureAudit(registry);
  tell(round([outbox({ late: 1, repairing: 0, lost: 3 })]));
  tell(round([outbox({ late: 2, repairing: 3, lost: 0 })]));
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual([
    'audit_rounds_total{verdict="missing"} 1',
    'audit_rounds_total{verdict="late"} 1',
    `audit_last_round_timestamp_seconds ${Date.UTC(2026, 10, 25, 12, 0, 2) / 1_000}`,
    'audit_last_round_duration_seconds 2',
    'audit_rows_total{outbox="orders"} 200',
    'audit_repaired_total{outbox="orders"} 2',
    'audit_missing_events{outbox="orders",consumer="sales",state="late"} 7',
    'audit_missing_events{outbox="orders",consumer="sales",state="repairing"} 3',
    'audit_missing_events{outbox="orders",consumer="sales",state="lost"} 0',
    `audit_proven_timestamp_seconds{outbox="orders"} ${0x01a2116ae14e / 1_000}`,
  ]);
});

test('an outbox that can not be asked keeps the time up to which it was proven, which grows old', async () => {
  const registry = new Registry();
  const tell = measureAudit(registry);
  tell(round([outbox({ late: 0, repairing: 0, lost: 0 })]));
  const unreachable: OutboxReport = {
    ...outbox({ late: 0, repairing: 0, lost: 0 }),
    ...{ rows: 0, readers: [], repaired: [], through: '00000000-0000-0000-0000-000000000000' },
  };
  tell(round([unreachable], [{ service: 'orders', error: new Error('away') }]));
  const metrics = await registry.metrics();
  expect(metrics).toContain('audit_rounds_total{verdict="unreachable"} 1');
  expect(metrics).toContain(`audit_proven_timestamp_seconds{outbox="orders"} ${0x01a2116ae14e / 1_000}`);
});
