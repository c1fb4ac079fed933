import {
  judgeCommitTimestamps,
  judgeDecodingMemory,
  judgeIdleSlotTimeout,
  judgePlacesLeft,
  judgeVersion,
  judgeWalBudget,
  judgeWalLevel,
  type ServerSettings,
} from '../../../src/operate/doctor/check-postgres-server.ts';
import {
  judgeForeignSlots,
  judgeOwnSlot,
  judgeStandbySlots,
  type ServerSlot,
} from '../../../src/operate/doctor/check-slots.ts';
import { judgeTransactions, type OpenTransaction } from '../../../src/operate/doctor/check-transactions.ts';

const GIB = 1024 ** 3;

const good: ServerSettings = {
  serverVersionNum: 180_004,
  version: '18.4',
  walLevel: 'logical',
  slotWalBudget: 4 * GIB,
  idleSlotTimeoutSeconds: 0,
  decodingMemory: 64 * 1024 ** 2,
  trackCommitTimestamp: true,
  maxSlots: 20,
  maxWalSenders: 20,
  synchronizedStandbySlots: [],
};

test.each([
  ['a good server', {}, judgeVersion, 'ok'],
  ['Postgres 17, without uuidv7', { serverVersionNum: 170_006 }, judgeVersion, 'problem'],
  ['wal_level replica', { walLevel: 'replica' }, judgeWalLevel, 'problem'],
  ['a budget', {}, judgeWalBudget, 'ok'],
  ['no budget', { slotWalBudget: undefined }, judgeWalBudget, 'warning'],
  ['a budget of nothing', { slotWalBudget: 0 }, judgeWalBudget, 'problem'],
  ['a budget below 1 GB', { slotWalBudget: GIB - 1 }, judgeWalBudget, 'warning'],
  ['idle slots kept', {}, judgeIdleSlotTimeout, 'ok'],
  ['idle slots kept a day', { idleSlotTimeoutSeconds: 86_400 }, judgeIdleSlotTimeout, 'ok'],
  ['idle slots kept less', { idleSlotTimeoutSeconds: 86_399 }, judgeIdleSlotTimeout, 'warning'],
  ['64 MB of memory', {}, judgeDecodingMemory, 'ok'],
  ['less memory', { decodingMemory: 1024 }, judgeDecodingMemory, 'warning'],
  ['commit timestamps', {}, judgeCommitTimestamps, 'ok'],
  ['no commit timestamps', { trackCommitTimestamp: false }, judgeCommitTimestamps, 'warning'],
] as const)('%s', (_what, changes, judge, verdict) => {
  expect(judge({ ...good, ...changes }).verdict).toBe(verdict);
});

test.each([
  [{ max: 20, used: 2, missing: 0 }, 'ok'],
  [{ max: 4, used: 2, missing: 1 }, 'ok'],
  [{ max: 4, used: 2, missing: 2 }, 'warning'],
  [{ max: 4, used: 4, missing: 0 }, 'warning'],
  [{ max: 4, used: 3, missing: 2 }, 'problem'],
] as const)('places left %j: %s', (places, verdict) => {
  expect(judgePlacesLeft('slots', places).verdict).toBe(verdict);
});

const slot: ServerSlot = {
  name: 'orders_outbox',
  kind: 'logical',
  database: 'orders',
  active: true,
  inactiveSeconds: 0,
  walStatus: 'reserved',
  reason: '',
  bytesHeld: 1000,
  bytesLeft: 4 * GIB,
  temporary: false,
  failover: true,
};

test.each<[string, Partial<ServerSlot>, string]>([
  ['read', {}, 'ok'],
  ['read, without a budget', { bytesLeft: undefined, bytesHeld: 100 * GIB }, 'ok'],
  ['lost', { walStatus: 'lost', active: false }, 'problem'],
  ['about to be given up', { walStatus: 'unreserved' }, 'problem'],
  ['at 81 % of its budget', { bytesHeld: 81, bytesLeft: 19 }, 'problem'],
  ['at 51 % of its budget', { bytesHeld: 51, bytesLeft: 49 }, 'warning'],
  ['not read for a moment', { active: false, inactiveSeconds: 5 }, 'warning'],
  ['not read for long', { active: false, inactiveSeconds: 601 }, 'problem'],
  ['not to be had on a standby', { failover: false }, 'warning'],
])('our slot is %s', (_what, changes, verdict) => {
  const connector = { name: 'orders-outbox', config: { 'slot.failover': 'true' } };
  expect(judgeOwnSlot({ ...slot, ...changes }, connector).verdict).toBe(verdict);
});

test('slots of others are only named when they hold back much log, or are lost', () => {
  const of = (changes: Partial<ServerSlot>): ServerSlot => ({ ...slot, name: 'other', ...changes });
  const judge = (...slots: ServerSlot[]): string[] =>
    judgeForeignSlots(slots, new Set(['orders_outbox'])).map(
      ({ verdict, sentence }) => `${verdict}: ${sentence}`,
    );
  expect(judge(slot)).toEqual(['ok: there are none']);
  expect(judge(of({ active: false, bytesHeld: 1000 }))).toEqual(['ok: none holds back much log']);
  expect(judge(of({ active: true, bytesHeld: GIB }))).toEqual(['ok: none holds back much log']);
  expect(judge(of({ active: false, bytesHeld: GIB, temporary: true }))).toEqual(['ok: there are none']);
  expect(judge(slot, of({ active: false, bytesHeld: GIB }))).toEqual([
    'warning: other, which is not of this pipeline, is not read and holds 1.0 GB of log.',
  ]);
  expect(judge(of({ walStatus: 'lost' }))).toEqual([
    'warning: other, which is not of this pipeline, is lost and takes a place.',
  ]);
});

describe('failover', () => {
  const standby: ServerSlot = { ...slot, name: 'standby_1', kind: 'physical' };
  test.each<[string, ServerSlot[], string[], boolean, string]>([
    ['is not asked for', [standby], [], false, 'ok'],
    ['without a standby', [slot], [], true, 'ok'],
    ['with a standby that readers wait for', [standby], ['standby_1'], true, 'ok'],
    ['with a standby that nobody waits for', [standby], [], true, 'warning'],
    ['with a standby that is away', [{ ...standby, active: false }], ['standby_1'], true, 'problem'],
    ['with a name that is no slot', [], ['standby_1'], true, 'problem'],
  ])('%s', (_what, slots, synchronized, failover, verdict) => {
    expect(judgeStandbySlots(slots, synchronized, failover).verdict).toBe(verdict);
  });
});

test('open transactions: a warning after a minute, a problem after ten, with what ends them', () => {
  const open = (changes: Partial<OpenTransaction>): OpenTransaction => ({
    who: 'pid 7',
    pid: 7,
    application: 'psql',
    role: 'orders_owner',
    database: 'orders',
    seconds: 61,
    wrote: true,
    ...changes,
  });
  expect(judgeTransactions([]).map(({ verdict }) => verdict)).toEqual(['ok']);
  expect(judgeTransactions([open({ seconds: 59 })]).map(({ verdict }) => verdict)).toEqual(['ok']);
  expect(judgeTransactions([open({}), open({ seconds: 601, wrote: false })])).toEqual([
    {
      verdict: 'warning',
      sentence:
        'pid 7 (psql, orders_owner, database orders) is in a transaction for 61 s: no slot can let go of the log behind it.',
      remedy: 'End it where it was begun, or: select pg_terminate_backend(7)',
    },
    {
      verdict: 'problem',
      sentence:
        'pid 7 (psql, orders_owner, database orders) is in a transaction for 10 min: no new slot can be made until it ends.',
      remedy: 'End it where it was begun, or: select pg_terminate_backend(7)',
    },
  ]);
  const [prepared] = judgeTransactions([
    open({ who: 'prepared transaction move', pid: undefined, application: '' }),
  ]);
  expect(prepared?.sentence).toMatch(/^prepared transaction move \(orders_owner, database orders\)/);
  expect(prepared?.remedy).toBe("Decide it: commit prepared or rollback prepared 'move'");
});
