import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import type { ConnectorLook, LookedPart } from '../../../src/operate/watch/connector-look.ts';
import { healPolicy } from '../../../src/operate/watch/heal-failed-tasks.ts';
import { healOnce, startHealing, type GivenUp } from '../../../src/operate/watch/heal-once.ts';

const policy = { ...healPolicy, limit: 2, firstWaitMs: 1_000, maxWaitMs: 1_000 };

interface Seen {
  readonly at: number;
  readonly state?: string;
  /** When the worker says that it came into its state; undefined where nobody can tell. */
  readonly since?: number;
  readonly findings?: ConnectorLook['findings'];
  /** When the newest heartbeat came, by the broker's clock. */
  readonly newest?: number;
  /** Where the slot stands. */
  readonly confirmed?: bigint;
  /** Who reads the slot. */
  readonly pid?: number;
}

function lookOf({
  at,
  state = 'FAILED',
  since,
  findings = { found: [] },
  newest,
  confirmed = 1n,
  pid,
}: Seen): ConnectorLook {
  const part = (name: string, its: string): LookedPart => ({
    ...{ connector: 'a', part: name, state: its, worker: 'w:1' },
    problem: its === 'FAILED' ? 'It broke.' : undefined,
    history: since === undefined ? undefined : { ...history, state: its, since: new Date(since * 1_000) },
  });
  return {
    ...{ name: 'a', at: new Date(at * 1_000), parts: [part('connector', 'RUNNING'), part('task 0', state)] },
    ...{
      slotName: 's',
      slot: {
        found: {
          ...slot,
          confirmedLsn: confirmed,
          reader: pid === undefined ? undefined : { pid, application: 'x', role: 'r', client: 'c' },
        },
      },
      walBytesPerSecond: undefined,
      probe: undefined,
      findings,
    },
    heartbeatAt: newest === undefined ? undefined : { found: new Date(newest * 1_000) },
    heartbeatEveryMs: 10_000,
  };
}
const slot: ReplicationSlot = {
  ...{ name: 's', database: 'd', active: true, reader: undefined, walStatus: 'reserved' },
  ...{ invalidationReason: undefined, bytesHeld: 0, bytesLeft: undefined, failover: false, synced: false },
  confirmedLsn: 1n,
};
const history = { restarts: 0, knownFrom: new Date(0) };

/** What is told at each of these looks. */
async function toldAt(looks: readonly Seen[]): Promise<{ told: string[]; givenUp: GivenUp[] }> {
  const told: string[] = [];
  const givenUp: GivenUp[] = [];
  const healing = startHealing(policy, (one) => {
    givenUp.push(one);
    return Promise.resolve(undefined);
  });
  const hands = {
    connect: {
      restartFailed: () => Promise.resolve(),
      restart: () => Promise.resolve(void told.push('all of it')),
    },
    endReader: (_: string, pid: number) => Promise.resolve(`"x" (pid ${pid})`),
  };
  for (const seen of looks)
    await healOnce(hands, lookOf(seen), healing, ({ event, sentence }) =>
      told.push(`${seen.at} ${event}: ${sentence}`),
    );
  return { told, givenUp };
}

const away = { unreachable: "Database orders can't be asked." };

test('a state that Connect still shows from before the restart is no new failure', async () => {
  const { told } = await toldAt([
    { at: 0, since: 0 },
    { at: 2, since: 0 },
    { at: 4, since: 0 },
    { at: 5, since: 5 },
    { at: 8, since: 8 },
  ]);
  expect(told.map((line) => line.slice(0, 11))).toEqual(['0 restarted', '5 restarted', '8 gave up: ']);
});

test('a restart that is never carried out counts in the end, also where no history can be read', async () => {
  for (const since of [0, undefined]) {
    const looks = Array.from({ length: 30 }, (_, at) => ({ at, ...(since !== undefined && { since }) }));
    const { told } = await toldAt(looks);
    expect(told.map((line) => line.slice(0, 11))).toEqual(['0 restarted', '10 restarte', '20 gave up:']);
  }
});

test('held back for long it is given up as well, and called for; no longer held it is restarted', async () => {
  const { told, givenUp } = await toldAt([
    { at: 0, findings: away },
    { at: 2, findings: away },
    { at: 4, findings: away },
    { at: 6, findings: away },
    { at: 8 },
  ]);
  expect(told).toEqual([
    "0 held: a is not restarted before its slot can be compared with its offset. Database orders can't be asked.",
    "4 gave up: GAVE UP a: task 0 is FAILED. a is not restarted before its slot can be compared with its offset. Database orders can't be asked.",
    '8 restarted: a: task 0 had FAILED; restart 1 of 2.',
  ]);
  expect(givenUp).toEqual([{ connector: 'a', part: 'task 0', problem: 'It broke.' }]);
});

test('what would lose events is named, with what mends it', async () => {
  const finding = { code: 'slot_missing', sentence: 'The slot is gone.', mend: 'resnapshot' } as const;
  const { told } = await toldAt([{ at: 0, findings: { found: [finding] } }]);
  expect(told).toEqual([
    '0 held: a is not restarted, since that would lose events. The slot is gone. Run: npx outbox connectors heal a',
  ]);
});

describe('RUNNING without heartbeats', () => {
  /** Another one came at each of the times; looked at every ten seconds. */
  const looks = (until: number, heartbeats: readonly number[], state = 'RUNNING'): Seen[] =>
    Array.from({ length: until / 10 + 1 }, (_, i) => i * 10).map((at) => ({
      ...{ at, state },
      newest: heartbeats.findLast((one) => one <= at) ?? -60,
    }));

  test('it is restarted as a whole, and again when none come after that', async () => {
    const { told } = await toldAt(looks(160, [0, 10]));
    expect(told).toEqual([
      '50 restarted: a: task 0 stood still: No heartbeat has come for 40 s, and one is due every 10 s; restart 1 of 2.',
      'all of it',
    ]);
    const { told: later, givenUp } = await toldAt(looks(290, [0, 10]));
    expect(later.slice(2)).toEqual([
      '170 restarted: a: task 0 stood still: No heartbeat has come for 160 s, and one is due every 10 s; restart 2 of 2.',
      'all of it',
      '290 gave up: GAVE UP a after 2 restarts in a row: task 0 stands still again: No heartbeat has come for 280 s, and one is due every 10 s. Mend the cause, then: npx outbox connectors restart a',
    ]);
    expect(givenUp).toHaveLength(1);
  });

  test('heartbeats of a clock that is an hour behind count as much as any', async () => {
    const { told } = await toldAt(looks(120, []).map((look) => ({ ...look, newest: look.at - 3_600 })));
    expect(told).toEqual([]);
  });

  test('a slot that moves on is a sign of life as well', async () => {
    const moving = looks(120, [0]).map((look) => ({ ...look, confirmed: BigInt(look.at) }));
    expect((await toldAt(moving)).told).toEqual([]);
  });

  test('it is left alone while it is paused, and when they come again', async () => {
    expect((await toldAt(looks(120, [0], 'PAUSED'))).told).toEqual([]);
    const { told } = await toldAt(looks(170, [0, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160]));
    expect(told.map((line) => line.slice(0, 16))).toEqual([
      '40 restarted: a:',
      'all of it',
      '120 healthy agai',
    ]);
  });

  test('a task that keeps its slot after the restart has its connection ended; one that lets go of it has not', async () => {
    const kept = looks(70, [0]).map((look) => ({ ...look, pid: 7 }));
    expect((await toldAt(kept)).told.slice(1)).toEqual([
      'all of it',
      '50 ended reader: a: the task before the restart did not end and kept slot s; its connection "x" (pid 7) was ended.',
    ]);
    const letGo = kept.map((look) => (look.at > 40 ? { ...look, pid: 8 } : look));
    expect((await toldAt(letGo)).told.slice(1)).toEqual(['all of it']);
    const failed = looks(70, [0], 'FAILED').map((look) => ({ ...look, pid: 7 }));
    expect((await toldAt(failed)).told.join()).not.toContain('ended reader');
  });
});
