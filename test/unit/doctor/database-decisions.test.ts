import {
  coveredAhead,
  judgeAhead,
  judgeMemory,
  judgeOldestOutboxDay,
  type Partitions,
} from '../../../src/operate/doctor/check-partitions.ts';
import { judgeMigrations } from '../../../src/operate/doctor/check-migrations.ts';
import { judgePublication, judgeReplicaIdentities } from '../../../src/operate/doctor/check-publication.ts';
import {
  durationSeconds,
  expectedRoles,
  judgeAppTimeouts,
  judgeRoles,
  type Role,
} from '../../../src/operate/doctor/check-role-attributes.ts';
import { rightsOn } from '../../../src/operate/doctor/pipeline-rights.ts';

const DAY = 86_400_000;
const now = new Date(100 * DAY + DAY / 2);
const days = (from: number, to: number): Partitions => ({
  hasDefault: false,
  days: Array.from({ length: to - from + 1 }, (_, index) => ({
    name: `outbox_${from + index}`,
    from: (from + index) * DAY,
    to: (from + index + 1) * DAY,
  })),
});

test.each<[string, Partitions, number, string]>([
  ['a week', days(100, 107), 7.5, 'ok'],
  ['two days', days(98, 102), 2.5, 'ok'],
  ['one day', days(100, 101), 1.5, 'warning'],
  ['today only', days(100, 100), 0.5, 'problem'],
  ['none for now', days(90, 99), 0, 'problem'],
  ['none for now, but later ones', days(101, 110), 0, 'problem'],
  [
    'a day missing in between',
    { hasDefault: false, days: [...days(100, 100).days, ...days(102, 107).days] },
    0.5,
    'problem',
  ],
])('partitions for %s', (_what, partitions, ahead, verdict) => {
  expect(coveredAhead(partitions, now)).toBe(ahead * DAY);
  expect(judgeAhead(partitions, 'pipeline.outbox', now).verdict).toBe(verdict);
});

test('the oldest day of the outbox may be as old as its retention and two days', () => {
  expect(judgeOldestOutboxDay(days(90, 107), 7, now).verdict).toBe('ok');
  expect(judgeOldestOutboxDay(days(89, 107), 7, now)).toMatchObject({
    verdict: 'warning',
    sentence: 'outbox_89 is 10 days old; rows are kept for 7.',
  });
});

test('memory must reach back to the horizon', () => {
  expect(judgeMemory(days(71, 107), 28, now).verdict).toBe('ok');
  expect(judgeMemory(days(73, 107), 28, now).verdict).toBe('problem');
  expect(judgeMemory({ hasDefault: false, days: [] }, 28, now).verdict).toBe('problem');
});

test('migrations that did not run, and that this checkout does not have', () => {
  const files = ['0001_outbox', '0002_operate'];
  expect(judgeMigrations([{ set: 'outbox', files, applied: files }])).toMatchObject([{ verdict: 'ok' }]);
  expect(judgeMigrations([{ set: 'outbox', files, applied: undefined }])).toMatchObject([
    { verdict: 'problem', sentence: '0001_outbox and 0002_operate of outbox did not run here yet.' },
  ]);
  expect(judgeMigrations([{ set: 'outbox', files, applied: [...files, '0003_new'] }])).toMatchObject([
    { verdict: 'warning' },
  ]);
});

test('a publication for all tables, without inserts, filtered', () => {
  const names = { publication: 'orders_outbox', connector: 'orders-outbox' };
  const publication = {
    name: 'orders_outbox',
    allTables: false,
    tables: ['pipeline.outbox'],
    operations: ['insert'],
    viaRoot: true,
    isFiltered: false,
    changedAt: undefined,
  };
  const verdicts = (changes: Partial<typeof publication>): string[] =>
    judgePublication({ ...publication, ...changes }, names).map(({ sentence }) => sentence);
  expect(judgePublication(publication, names)).toMatchObject([{ verdict: 'ok' }]);
  expect(verdicts({ allTables: true, tables: [] })).toEqual([
    'orders_outbox is for all tables: every change of the database is decoded and sent.',
  ]);
  expect(verdicts({ tables: ['orders.*'] })).toEqual([
    'orders_outbox does not cover pipeline.outbox: no event is sent.',
    'orders_outbox covers orders.* as well: their rows are decoded for nothing.',
  ]);
  expect(verdicts({ operations: [] })).toEqual(['orders_outbox does not publish inserts: no event is sent.']);
  expect(verdicts({ isFiltered: true })).toEqual([
    'orders_outbox leaves out rows or columns of pipeline.outbox.',
  ]);
});

test('only the default replica identity is right', () => {
  const table = 'pipeline.outbox';
  expect(judgeReplicaIdentities([{ table, identity: 'd' }]).verdict).toBe('ok');
  for (const identity of ['f', 'n', 'i'] as const)
    expect(judgeReplicaIdentities([{ table, identity }]).verdict).toBe('warning');
});

describe('roles', () => {
  const right: Role[] = expectedRoles('orders', true).map(({ name, attributes, memberOf }) => ({
    name,
    attributes,
    memberOf,
    settings: {},
  }));
  const change = (name: string, changes: Partial<Role>): Role[] =>
    right.map((role) => (role.name === name ? { ...role, ...changes } : role));
  const judged = (roles: Role[]): string[] =>
    judgeRoles(roles, expectedRoles('orders', true)).map(({ sentence }) => sentence);

  test('as provisioned', () => {
    expect(judged(right)).toEqual([
      'orders_app, orders_cdc, orders_ops, orders_audit and orders_repair are as they should be',
    ]);
  });
  test.each<[string, Role[], string]>([
    [
      'a superuser',
      change('orders_cdc', { attributes: ['login', 'replication', 'superuser'] }),
      'orders_cdc has superuser, which it must not.',
    ],
    ['no replication', change('orders_cdc', { attributes: ['login'] }), 'orders_cdc lacks replication.'],
    [
      'a group that can log in',
      change('pipeline_app', { attributes: ['login'] }),
      'pipeline_app has login, which it must not.',
    ],
    [
      'a member too much',
      change('orders_app', { memberOf: ['pipeline_app', 'pg_write_all_data'] }),
      'orders_app is a member of pg_write_all_data, which it must not.',
    ],
    ['a member too few', change('orders_app', { memberOf: [] }), 'orders_app is no member of pipeline_app.'],
    ['missing', right.filter(({ name }) => name !== 'orders_ops'), 'Role orders_ops does not exist.'],
  ])('%s', (_what, roles, sentence) => {
    expect(judged(roles)).toEqual([sentence]);
  });

  test('a service without an outbox needs no replication', () => {
    expect(expectedRoles('sales', false).map(({ name }) => name)).not.toContain('sales_cdc');
    expect(expectedRoles('sales', false).find(({ name }) => name === 'sales_ops')?.attributes).toEqual([
      'login',
    ]);
  });

  test.each([
    ['5s', '30s', ['ok', 'ok']],
    ['5000', '30000', ['ok', 'ok']],
    ['10s', '1min', ['problem', 'warning']],
    ['0', '0', ['problem', 'problem']],
    [undefined, undefined, ['problem', 'problem']],
  ])('time limits %s and %s', (idle, whole, verdicts) => {
    const settings = {
      ...(idle === undefined ? {} : { idle_in_transaction_session_timeout: idle }),
      ...(whole === undefined ? {} : { transaction_timeout: whole }),
    };
    const app: Role = { name: 'orders_app', attributes: [], memberOf: [], settings };
    expect(judgeAppTimeouts(app).map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  test.each([
    ['5s', 5],
    ['1min', 60],
    ['250ms', 0.25],
    ['250', 0.25],
    ['2h', 7200],
    ['often', 0],
    [undefined, 0],
  ])('a duration %s is %d s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });
});

test("rights: nothing on partitions, nothing for others on a domain's tables, no truncate for the service", () => {
  const outbox = { schema: 'pipeline', name: 'outbox', isPartition: false };
  expect(rightsOn(outbox, 'cdc').may).toEqual(['select']);
  expect(rightsOn(outbox, 'public').may).toEqual([]);
  expect(rightsOn({ ...outbox, name: 'outbox_20261125', isPartition: true }, 'app').may).toEqual([]);
  expect(rightsOn({ ...outbox, name: 'new_table' }, 'app').may).toEqual([]);
  expect(rightsOn({ ...outbox, name: 'migrations_orders' }, 'ops').must).toEqual(['select']);
  const orders = { schema: 'orders', name: 'orders', isPartition: false };
  expect(rightsOn(orders, 'app')).toEqual({ must: [], may: ['select', 'insert', 'update', 'delete'] });
  expect(rightsOn(orders, 'ops').may).toEqual([]);
});
