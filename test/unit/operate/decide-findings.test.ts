import type { Publication } from '../../../src/connect/publication.ts';
import type { ReplicationSlot } from '../../../src/connect/replication-slot.ts';
import type { ConnectorFacts, PostgresFacts } from '../../../src/operate/diagnose/connector-facts.ts';
import { lsnText } from '../../../src/connect/lsn.ts';
import { decideFindings } from '../../../src/operate/diagnose/decide-findings.ts';

const at = new Date('2026-11-25T12:00:00Z');
const before = (seconds: number): Date => new Date(at.getTime() - seconds * 1_000);
const micros = (date: Date): number => date.getTime() * 1_000;

const slot: ReplicationSlot = {
  name: 'orders_outbox',
  database: 'orders',
  active: true,
  reader: {
    pid: 7,
    application: 'Debezium Streaming',
    role: 'orders_cdc',
    client: '10.0.0.1',
    connectedAt: before(30),
    hasConfirmed: true,
  },
  confirmedLsn: 1_000n,
  walStatus: 'reserved',
  invalidationReason: undefined,
  bytesHeld: 0,
  bytesLeft: undefined,
  failover: true,
  synced: false,
};
const idleSlot: ReplicationSlot = { ...slot, active: false, reader: undefined };
const publication: Publication = {
  name: 'orders_outbox',
  allTables: false,
  tables: ['pipeline.outbox'],
  operations: ['insert'],
  viaRoot: true,
  isFiltered: false,
  changedAt: before(1_000),
};
const server = { systemIdentifier: '42', timeline: 1, awaitedStandbys: ['standby'], followedThrough: '' };

function status(connector: string, ...tasks: string[]): ConnectorFacts['status'] {
  const worker = { worker_id: 'w:1' };
  return {
    name: 'orders-outbox',
    connector: { state: connector, ...worker },
    tasks: tasks.map((state, id) => ({ id, state, ...worker, trace: 'Boom' })),
  };
}

function stored(offset: Record<string, unknown>): ConnectorFacts['offsets'] {
  return [{ partition: { server: 'orders' }, offset }];
}

/** A healthy connector that runs, but for these. */
function facts(
  changes: Partial<Omit<ConnectorFacts, 'postgres'>>,
  postgres: Partial<PostgresFacts> = {},
): ConnectorFacts {
  return {
    name: 'orders-outbox',
    config: {
      'topic.prefix': 'orders',
      'slot.name': 'orders_outbox',
      'publication.name': 'orders_outbox',
      'table.include.list': 'pipeline.outbox',
      'database.user': '${env:CDC_ORDERS_USER}',
    },
    status: status('RUNNING', 'RUNNING'),
    offsets: stored({ lsn: 1_010, lsn_commit: 1_000, ts_usec: micros(before(1)) }),
    ...changes,
    postgres: {
      at,
      database: 'orders',
      slot,
      publication,
      server,
      remembered: { ...server, seenAt: before(500) },
      healBegunAt: undefined,
      ...postgres,
    },
  };
}

const codes = (of: ConnectorFacts): string[] => decideFindings(of).map(({ code, mend }) => `${code} ${mend}`);
const stopped = { status: status('STOPPED') };

test.each<[string, ConnectorFacts, string[]]>([
  ['a healthy one', facts({}), []],
  ['a service that is not known', { ...facts({}), postgres: undefined }, []],
  [
    'one that has not begun',
    facts({ ...stopped, offsets: [] }, { slot: undefined }),
    ['held_back resnapshot'],
  ],
  ['one that somebody paused', facts({ status: status('PAUSED', 'PAUSED') }), ['held_back none']],
  [
    'one that a heal has left',
    facts(stopped, { slot: idleSlot, healBegunAt: before(60) }),
    ['held_back restart'],
  ],
  [
    'one that Connect does not know',
    facts({ status: undefined, offsets: [] }, { slot: undefined }),
    ['connector_missing none'],
  ],
  [
    'a failed task',
    facts({ status: status('RUNNING', 'FAILED') }, { slot: idleSlot }),
    ['task_failed restart'],
  ],
  ['no slot', facts({}, { slot: undefined }), ['slot_missing resnapshot']],
  [
    'a slot given up',
    facts({}, { slot: { ...idleSlot, walStatus: 'lost', confirmedLsn: 9_000n } }),
    ['slot_lost resnapshot'],
  ],
  [
    'a slot given up for idling',
    facts({}, { slot: { ...idleSlot, invalidationReason: 'idle_timeout' } }),
    ['slot_lost resnapshot'],
  ],
  ['a slot of another database', facts({}, { slot: { ...idleSlot, database: 'sales' } }), ['slot_held none']],
  [
    'a slot of another database, given up',
    facts({}, { slot: { ...idleSlot, database: 'sales', walStatus: 'lost' } }),
    ['slot_held none'],
  ],
  ['no publication', facts({}, { publication: undefined }), ['publication_missing publication']],
  [
    'a publication of all tables',
    facts({}, { publication: { ...publication, allTables: true, tables: [] } }),
    ['publication_wrong publication'],
  ],
  [
    'a publication without inserts',
    facts({}, { publication: { ...publication, operations: ['update'] } }),
    ['publication_wrong publication'],
  ],
  [
    'a publication that leaves out rows',
    facts({}, { publication: { ...publication, isFiltered: true } }),
    ['publication_wrong publication'],
  ],
  [
    'a publication made again',
    facts({}, { publication: { ...publication, changedAt: before(10) } }),
    ['publication_wrong publication'],
  ],
  [
    'another server',
    facts({}, { server: { ...server, systemIdentifier: '43' } }),
    ['server_changed resnapshot'],
  ],
  ['a promoted server', facts({}, { server: { ...server, timeline: 2 } }), ['timeline_changed resnapshot']],
])('%s', (_, given, expected) => {
  expect(codes(given)).toEqual(expected);
});

describe('a standby that was promoted', () => {
  const promoted = { ...server, timeline: 2, awaitedStandbys: [], followedThrough: 'standby' };
  const synced = { ...slot, synced: true };
  const remembered = { ...server, seenAt: before(500) };

  test('has all that was read, when readers waited for it and the slot came along', () => {
    expect(codes(facts({}, { server: promoted, slot: synced }))).toEqual([]);
  });
  test.each<[string, Partial<PostgresFacts>]>([
    ['the slot was made again', { slot }],
    ['the slot is gone', { slot: undefined }],
    ['readers waited for another one', { remembered: { ...remembered, awaitedStandbys: ['other'] } }],
    ['readers waited for none', { remembered: { ...remembered, awaitedStandbys: [] } }],
    ['it never followed through a slot', { server: { ...promoted, followedThrough: '' } }],
    ['there was another promotion between', { server: { ...promoted, timeline: 3 } }],
  ])('is doubted, when %s', (_, changes) => {
    expect(codes(facts({}, { server: promoted, slot: synced, ...changes }))[0]).toBe(
      'timeline_changed resnapshot',
    );
  });
});

describe('a slot that is ahead of the stored offset', () => {
  const ahead = { ...slot, confirmedLsn: 2_000n };
  const old = stored({ lsn: 1_010, ts_usec: micros(before(40)) });

  test('is found when nobody reads it', () => {
    expect(codes(facts(stopped, { slot: { ...ahead, active: false, reader: undefined } }))).toEqual([
      'slot_ahead resnapshot',
      'held_back none',
    ]);
  });
  const readBy = (reader: object): Partial<PostgresFacts> => ({
    slot: { ...ahead, reader: slot.reader && { ...slot.reader, ...reader } },
  });
  test('is found under a reader that has not confirmed anything yet, however long it has been there', () => {
    const [finding] = decideFindings(facts({ offsets: old }, readBy({ hasConfirmed: false })));
    expect(finding?.sentence).toContain('(0/7D0, offset 0/3F2)');
    const long = readBy({ hasConfirmed: false, connectedAt: before(1_000) });
    expect(codes(facts({ offsets: old }, long))).toEqual(['slot_ahead resnapshot']);
  });
  test('is found where the role may not see what its reader has confirmed', () => {
    expect(codes(facts({ offsets: old }, readBy({ hasConfirmed: undefined })))).toEqual([
      'slot_ahead resnapshot',
    ]);
  });
  test('is no finding when its present reader has moved it, also while it catches up with what is older than itself', () => {
    expect(codes(facts({ offsets: old }, { slot: ahead }))).toEqual([]);
    expect(codes(facts({ offsets: old }, readBy({ connectedAt: before(1) })))).toEqual([]);
  });
  test('equal to it is no finding', () => {
    expect(codes(facts({ offsets: stored({ lsn: 1_000 }) }))).toEqual([]);
  });
});

describe('a snapshot', () => {
  const under = { lsn: 1_000, snapshot: 'INITIAL', snapshot_completed: false, last_snapshot_record: false };

  test('under way is named as such, and nothing else is held against it', () => {
    expect(codes(facts({ offsets: stored(under) }, { slot: idleSlot }))).toEqual(['snapshot_running none']);
    expect(codes(facts({ offsets: [] }, { slot: idleSlot }))).toEqual(['snapshot_running none']);
    const since = { slot: idleSlot, snapshotSince: before(60) };
    expect(decideFindings(facts({ offsets: [] }, since))[0]?.sentence).toContain(
      'under way since 2026-11-25T11:59:00.000Z',
    );
    // It reads the log: the snapshot is through, its first offset only not stored yet.
    expect(codes(facts({ offsets: [] }))).toEqual([]);
  });
  test('that was broken off needs a new slot', () => {
    expect(codes(facts({ ...stopped, offsets: stored(under) }, { slot: idleSlot }))[0]).toBe(
      'offsets_missing resnapshot',
    );
  });
  test('that was begun anew beside its old slot needs a new one', () => {
    expect(codes(facts({ offsets: stored({ ...under, lsn: 1_001 }) }, { slot: idleSlot }))).toEqual([
      'offsets_missing resnapshot',
    ]);
  });
  test('that is complete is no finding', () => {
    expect(
      codes(
        facts({ ...stopped, offsets: stored({ ...under, snapshot_completed: true }) }, { slot: idleSlot }),
      ),
    ).toEqual(['held_back none']);
  });
  test('can not follow without offsets beside an old slot', () => {
    expect(codes(facts({ status: status('RUNNING', 'FAILED'), offsets: [] }, { slot: idleSlot }))).toEqual([
      'offsets_missing resnapshot',
      'task_failed restart',
    ]);
  });
});

describe('a reader of the slot', () => {
  const readBy = (changes: object): ReplicationSlot => ({
    ...slot,
    reader: slot.reader && { ...slot.reader, ...changes },
  });

  test.each<[string, ConnectorFacts, RegExp]>([
    [
      'of another name',
      facts({}, { slot: readBy({ application: 'pg_recvlogical' }) }),
      /"pg_recvlogical" as orders_cdc from 10.0.0.1 \(pid 7\)/,
    ],
    ['while the connector is STOPPED', facts(stopped), /it is STOPPED/],
    ['while its task has FAILED', facts({ status: status('RUNNING', 'FAILED') }), /its task has FAILED/],
    ['of a connector that is not there', facts({ status: undefined }), /has no such connector/],
    [
      'of another role',
      facts({ config: { ...facts({}).config, 'database.user': 'cdc' } }),
      /it connects as cdc/,
    ],
  ])('%s is a stranger', (_, given, sentence) => {
    const held = decideFindings(given).find(({ code }) => code === 'slot_held');
    expect(held?.sentence).toMatch(sentence);
    expect(held?.mend).toBe('end_reader');
  });
});

test('a position is written as Postgres does', () => {
  expect(lsnText(0x1_0000_00ffn)).toBe('1/FF');
});

test('an offset beyond the end of the log is of another server', () => {
  expect(codes(facts({}, { endOfLog: 1_009n }))).toEqual(['server_changed resnapshot']);
  expect(codes(facts({}, { endOfLog: 1_010n }))).toEqual([]);
});
