import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import { connectorHealth } from '../../../src/operate/watch/connector-health.ts';
import type { ConnectorLook, LookedPart } from '../../../src/operate/watch/connector-look.ts';
import { recentSamples, secondsUntilFull, walGrowth } from '../../../src/operate/watch/wal-growth.ts';

const at = new Date(1_000_000_000);
const ago = (seconds: number): Date => new Date(at.getTime() - seconds * 1_000);

const part = (name: string, state = 'RUNNING', startedAgo = 3_600, problem?: string): LookedPart => ({
  connector: 'a',
  part: name,
  state,
  worker: 'w:1',
  problem,
  history: { state, since: ago(startedAgo), restarts: 0, knownFrom: ago(startedAgo) },
});

const slot: ReplicationSlot = {
  name: 's',
  database: 'orders',
  active: true,
  reader: undefined,
  confirmedLsn: 1n,
  walStatus: 'reserved',
  invalidationReason: undefined,
  bytesHeld: 1_000,
  bytesLeft: 1_000_000,
  failover: false,
  synced: false,
};

const fine: ConnectorLook = {
  name: 'a',
  at,
  parts: [part('connector'), part('task 0')],
  slotName: 's',
  slot: { found: slot },
  walBytesPerSecond: 10,
  heartbeatAt: { found: ago(9) },
  heartbeatEveryMs: 10_000,
  probe: {
    found: {
      connector: 'a',
      sentAt: at,
      arrived: true,
      hops: {},
      ageMs: 20,
      slowHop: 'wal',
      reason: undefined,
    },
  },
  findings: { found: [] },
};

const reasonsOf = (changes: Partial<ConnectorLook>): readonly string[] =>
  connectorHealth({ ...fine, ...changes }).reasons;

test('healthy when everything that could be asked is well', () => {
  expect(connectorHealth(fine)).toEqual({ healthy: true, reasons: [] });
  // A connector of which nothing but Connect knows: nobody to ask is no trouble.
  expect(
    connectorHealth({
      ...fine,
      slot: undefined,
      heartbeatAt: undefined,
      probe: undefined,
      findings: undefined,
    }).healthy,
  ).toBe(true);
});

test.each([
  ['MISSING', /Connect has no connector of this name; .*apply a /],
  ['PAUSED', /The connector is PAUSED; .*resume a/],
  ['STOPPED', /The connector is STOPPED; .*resume a/],
  ['UNASSIGNED', /The connector is UNASSIGNED\./],
])('a connector that is %s', (state, reason) => {
  expect(reasonsOf({ parts: [part('connector', state)] })).toEqual([expect.stringMatching(reason)]);
});

test('a failed task with what it said, a missing one, and nothing of what only follows from it', () => {
  const probe = {
    found: { ...fine.probe, arrived: false, reason: 'stuck' },
  } as unknown as ConnectorLook['probe'];
  const inactive = { found: { ...slot, active: false } };
  expect(
    reasonsOf({
      parts: [part('connector'), part('task 0', 'FAILED', 50, 'Boom.')],
      probe,
      slot: inactive,
      heartbeatAt: { found: ago(500) },
    }),
  ).toEqual(['Task 0 is FAILED: Boom.']);
  expect(reasonsOf({ parts: [part('connector'), part('task 0', 'MISSING')] })).toEqual([
    expect.stringMatching(/has no task/),
  ]);
});

test('RUNNING is not healthy: a probe that did not come, heartbeats that stopped, a slot that nobody reads', () => {
  const late = {
    connector: 'a',
    sentAt: at,
    arrived: false,
    hops: {},
    ageMs: 10_000,
    slowHop: 'wal' as const,
  };
  expect(reasonsOf({ probe: { found: { ...late, reason: 'Stuck there.' } } })).toEqual(['Stuck there.']);
  expect(reasonsOf({ probe: { found: { ...late, reason: undefined } } })[0]).toMatch(/stuck before: wal/);
  expect(reasonsOf({ heartbeatAt: { found: ago(36) } })).toEqual([
    'The last heartbeat is 36 s old, and one is due every 10 s.',
  ]);
  expect(reasonsOf({ heartbeatAt: { found: undefined } })[0]).toMatch(/^There is no heartbeat/);
  expect(reasonsOf({ slot: { found: { ...slot, active: false } } })[0]).toMatch(/Nobody reads the slot s/);
});

test('a task that has only just started has time for slot and heartbeat', () => {
  const parts = [part('connector'), part('task 0', 'RUNNING', 3)];
  expect(
    reasonsOf({ parts, slot: { found: { ...slot, active: false } }, heartbeatAt: { found: undefined } }),
  ).toEqual([]);
});

test('no heartbeats are missed where they are switched off', () => {
  expect(reasonsOf({ heartbeatEveryMs: 0, heartbeatAt: { found: undefined } })).toEqual([]);
});

test('a finding is said once, with the way to mend it', () => {
  const finding = { code: 'slot_missing', sentence: 'The slot is gone.', mend: 'resnapshot' } as const;
  expect(reasonsOf({ slot: { found: undefined }, findings: { found: [finding] } })).toEqual([
    expect.stringMatching(/^The slot is gone\. .*heal a/),
  ]);
  const said = { code: 'held_back', sentence: 'It is STOPPED.', mend: 'none' } as const;
  expect(reasonsOf({ parts: [part('connector', 'STOPPED')], findings: { found: [said] } })).toHaveLength(1);
});

test('a slot that is about to be lost', () => {
  expect(reasonsOf({ slot: { found: { ...slot, walStatus: 'unreserved' } } })[0]).toMatch(/more log than/);
  const nearlyFull = { ...slot, bytesHeld: 900_000, bytesLeft: 100_000 };
  expect(reasonsOf({ slot: { found: nearlyFull }, walBytesPerSecond: 1_000 })[0]).toMatch(/lost in 2 min/);
  expect(reasonsOf({ slot: { found: nearlyFull }, walBytesPerSecond: 1 })).toEqual([]);
  expect(reasonsOf({ slot: { found: nearlyFull }, walBytesPerSecond: -5 })).toEqual([]);
});

test('what can not be asked is not healthy, and the same is said once', () => {
  const unreachable = { unreachable: 'Database orders: no.' };
  expect(reasonsOf({ slot: unreachable, findings: unreachable, probe: { unreachable: 'also no' } })).toEqual([
    'Database orders: no.',
  ]);
  expect(reasonsOf({ probe: { unreachable: 'no topic' } })).toEqual(['no topic']);
});

test('the rate of the log is taken between the first and the last sample of the window', () => {
  expect(walGrowth([{ at: 0, bytesHeld: 5 }])).toBeUndefined();
  expect(
    walGrowth([
      { at: 0, bytesHeld: 0 },
      { at: 100, bytesHeld: 9 },
    ]),
  ).toBeUndefined();
  const samples = [
    { at: 0, bytesHeld: 0 },
    { at: 5_000, bytesHeld: 99 },
    { at: 10_000, bytesHeld: 20_000 },
  ];
  expect(walGrowth(samples)).toBe(2_000);
  expect(recentSamples(samples, 5_000)).toEqual(samples.slice(1));
  expect(secondsUntilFull({ bytesLeft: 4_000 }, 2_000)).toBe(2);
  expect(secondsUntilFull({ bytesLeft: undefined }, 2_000)).toBeUndefined();
  expect(secondsUntilFull({ bytesLeft: 4_000 }, 0)).toBeUndefined();
});

test('a snapshot under way is said once: the slot has no reader then, and neither heartbeat nor probe can come', () => {
  const finding = { code: 'snapshot_running', sentence: 'A snapshot is under way.', mend: 'none' } as const;
  const probe = { ...fine.probe, found: { arrived: false, reason: 'Stuck.' } } as ConnectorLook['probe'];
  expect(
    reasonsOf({
      slot: { found: { ...slot, active: false } },
      heartbeatAt: { found: undefined },
      probe,
      findings: { found: [finding] },
    }),
  ).toEqual(['A snapshot is under way.']);
});
