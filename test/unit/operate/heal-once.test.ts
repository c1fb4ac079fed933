import type { ConnectClient } from '../../../src/connect/connect-client.ts';
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
}

function lookOf({ at, state = 'FAILED', since, findings = { found: [] } }: Seen): ConnectorLook {
  const part = (name: string, its: string): LookedPart => ({
    ...{ connector: 'a', part: name, state: its, worker: 'w:1' },
    problem: its === 'FAILED' ? 'It broke.' : undefined,
    history: since === undefined ? undefined : { ...history, state: its, since: new Date(since * 1_000) },
  });
  return {
    ...{ name: 'a', at: new Date(at * 1_000), parts: [part('connector', 'RUNNING'), part('task 0', state)] },
    ...{ slotName: 's', slot: undefined, walBytesPerSecond: undefined, heartbeatAt: undefined },
    ...{ heartbeatEveryMs: 0, probe: undefined, findings },
  };
}
const history = { restarts: 0, knownFrom: new Date(0) };

/** What is told at each of these looks. */
async function toldAt(looks: readonly Seen[]): Promise<{ told: string[]; givenUp: GivenUp[] }> {
  const told: string[] = [];
  const givenUp: GivenUp[] = [];
  const healing = startHealing(policy, (one) => {
    givenUp.push(one);
    return Promise.resolve(undefined);
  });
  const connect = { restartFailed: () => Promise.resolve() } as unknown as ConnectClient;
  for (const seen of looks)
    await healOnce(connect, lookOf(seen), healing, ({ event, sentence }) =>
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
