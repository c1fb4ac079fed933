import type { ConnectorFacts } from '../../../src/operate/diagnose/connector-facts.ts';
import type { Finding, FindingCode, Mend } from '../../../src/operate/diagnose/finding.ts';
import { planHeal, snapshotFaults, type HealPlan } from '../../../src/operate/heal/plan-heal.ts';
import { lostRows } from '../../../src/operate/heal/retained-rows.ts';

const config = {
  'snapshot.mode': 'when_needed',
  'table.include.list': 'pipeline.outbox',
  'publication.name': 'orders_outbox',
  'snapshot.select.statement.overrides': 'pipeline.outbox',
  'snapshot.select.statement.overrides.pipeline.outbox': 'SELECT * FROM pipeline.outbox ORDER BY id',
};

function plan(
  found: readonly (readonly [FindingCode, Mend])[],
  options: { state?: string; endReader?: boolean; owner?: boolean; config?: Record<string, string> } = {},
): HealPlan {
  const findings = found.map(([code, mend]): Finding => ({ code, mend, sentence: `${code}!` }));
  const state = options.state ?? 'RUNNING';
  const facts: ConnectorFacts = {
    name: 'orders-outbox',
    config: options.config ?? config,
    status: { name: 'orders-outbox', connector: { state, worker_id: 'w' }, tasks: [] },
    offsets: [],
    postgres: undefined,
  };
  const { endReader = false, owner = true } = options;
  return planHeal({ facts, findings }, { endReader, owner, ownerVariable: 'ORDERS_OWNER_DATABASE_URL' });
}

test('nothing found, nothing done', () => {
  expect(plan([])).toEqual({ steps: [], refusals: [] });
});
test('a snapshot under way is waited for, not begun anew', () => {
  expect(plan([['snapshot_running', 'none']])).toEqual({ steps: [], refusals: [] });
});
test('a re-snapshot drops the slot before it touches publication and offset', () => {
  expect(
    plan([
      ['publication_missing', 'publication'],
      ['slot_ahead', 'resnapshot'],
      ['held_back', 'none'],
    ]).steps,
  ).toEqual(['save', 'stop', 'drop_slot', 'make_publication', 'reset_offsets', 'resume']);
});
test('without the owner no publication is made, and nothing else is touched', () => {
  const { steps, refusals } = plan([['publication_missing', 'publication']], { owner: false });
  expect(steps).toEqual([]);
  expect(refusals).toEqual([expect.stringContaining('set ORDERS_OWNER_DATABASE_URL')]);
});
test('a stranger is ended first, alone, and only when allowed', () => {
  const found = [
    ['slot_held', 'end_reader'],
    ['slot_ahead', 'resnapshot'],
  ] as const;
  expect(plan(found).refusals).toEqual([expect.stringContaining('--end-reader')]);
  expect(plan(found, { endReader: true }).steps).toEqual(['save', 'stop', 'end_reader']);
});
test('a failed task is restarted; one that a heal has left STOPPED is resumed', () => {
  expect(plan([['task_failed', 'restart']]).steps).toEqual(['restart']);
  expect(plan([['held_back', 'restart']], { state: 'STOPPED' }).steps).toEqual(['resume']);
});
test('what a person must decide is left alone', () => {
  expect(plan([['held_back', 'none']], { state: 'STOPPED' })).toEqual({
    steps: [],
    refusals: ['held_back!'],
  });
  expect(
    plan([
      ['connector_missing', 'none'],
      ['slot_missing', 'resnapshot'],
    ]).refusals,
  ).toEqual(['connector_missing!']);
  expect(
    plan(
      [
        ['held_back', 'none'],
        ['task_failed', 'restart'],
      ],
      { state: 'PAUSED' },
    ).refusals,
  ).toEqual(['held_back!']);
});

test.each<[string, Record<string, string>]>([
  ['without the select', { 'snapshot.select.statement.overrides': '' }],
  [
    'without its order',
    { 'snapshot.select.statement.overrides.pipeline.outbox': 'SELECT * FROM pipeline.outbox' },
  ],
  [
    'by another column',
    { 'snapshot.select.statement.overrides.pipeline.outbox': 'SELECT * FROM pipeline.outbox ORDER BY idx' },
  ],
  [
    'of some rows only',
    {
      'snapshot.select.statement.overrides.pipeline.outbox':
        'SELECT * FROM pipeline.outbox WHERE true ORDER BY id',
    },
  ],
  ['that is never made', { 'snapshot.mode': 'no_data' }],
])('a snapshot %s mends nothing', (_, changes) => {
  expect(snapshotFaults(config)).toEqual([]);
  expect(snapshotFaults({ ...config, ...changes })).toHaveLength(1);
  expect(plan([['slot_missing', 'resnapshot']], { config: { ...config, ...changes } }).steps).toEqual([]);
});

describe('rows that the outbox no longer has', () => {
  const from = new Date('2026-11-20T00:00:00Z');
  const retained = { from, firstLsn: 500n, isWhole: false };
  const day = (date: string) => ({ at: new Date(date), lsn: undefined });

  test('are none when reading stopped within what it keeps, or when it never dropped any', () => {
    expect(lostRows(retained, day('2026-11-20T00:00:01Z'))).toBeUndefined();
    expect(lostRows(retained, { at: undefined, lsn: 500n })).toBeUndefined();
    expect(lostRows({ ...retained, isWhole: true }, day('2026-01-01T00:00:00Z'))).toBeUndefined();
  });
  test('are told with both ends of the gap', () => {
    expect(lostRows(retained, { ...day('2026-11-18T10:00:00Z'), lsn: 400n })).toMatch(
      /only rows since 2026-11-20T00:00:00.000Z, and events had been read up to 2026-11-18T10:00:00.000Z/,
    );
    expect(lostRows(retained, { at: undefined, lsn: undefined })).toContain('is not known');
    expect(
      lostRows({ ...retained, from: undefined, firstLsn: undefined }, day('2026-11-18T10:00:00Z')),
    ).toContain('keeps no rows');
  });
});
