import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { documentedRights, roleKinds, type RoleKind } from '../../support/documented-rights.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { stackValue } from '../../support/test-stack.ts';
import { poolAs, readTables, tryEach, tryTable } from '../../support/try-rights.ts';

const services = ['orders', 'inventory', 'sales'] as const;
type Service = (typeof services)[number];

const rolesOf = (service: Service): readonly RoleKind[] =>
  roleKinds.filter((kind) => service !== 'sales' || (kind !== 'cdc' && kind !== 'repair'));
const passwordOf = (service: Service, kind: RoleKind | 'owner'): string =>
  stackValue(`${service}_${kind}_password`.toUpperCase());
const connectAs = (url: string, service: Service, kind: RoleKind | 'owner'): Pool =>
  poolAs(url, `${service}_${kind}`, passwordOf(service, kind));

const documentedTables = documentedRights('Tables');
const documentedFunctions = documentedRights("Functions with their owner's rights");

let databases: Record<Service, TestDatabase>;
/** One connection a role. */
let roles: Map<string, Pool>;
beforeAll(async () => {
  const [orders, inventory, sales] = await Promise.all(services.map(createTestDatabase));
  databases = { orders, inventory, sales } as Record<Service, TestDatabase>;
  roles = new Map(
    services.flatMap((service) =>
      [...rolesOf(service), 'owner' as const].map((kind) => [
        `${service}_${kind}`,
        connectAs(databases[service].adminUrl, service, kind),
      ]),
    ),
  );
});
afterAll(async () => {
  await Promise.all([...roles.values()].map((pool) => pool.end()));
  await Promise.all(services.map((service) => databases[service].drop()));
});

function roleOf(service: Service, kind: RoleKind | 'owner'): Pool {
  const pool = roles.get(`${service}_${kind}`);
  if (pool === undefined) throw new Error(`There is no ${service}_${kind}.`);
  return pool;
}

async function expectNone(
  service: Service,
  kind: RoleKind | 'owner',
  statements: readonly string[],
): Promise<void> {
  const tried = await tryEach(roleOf(service, kind), statements);
  const allowed = statements.filter((_statement, i) => tried[i]);
  expect([kind, tried.length, allowed]).toEqual([kind, statements.length, []]);
}

test.each(services)(
  '%s: every verb tried on every table by every role is as docs/security.md says',
  async (service) => {
    const tables = (await readTables(roleOf(service, 'owner'))).filter(({ isPartition }) => !isPartition);
    const tried: Record<string, string> = {};
    const expected: Record<string, string> = {};
    await Promise.all(
      rolesOf(service).map(async (kind) => {
        for (const table of tables) {
          const what = `${kind} on ${table.name}`;
          tried[what] = (await tryTable(roleOf(service, kind), table)).join(', ');
          expected[what] = documentedTables.get(table.name)?.[kind] ?? 'not documented';
        }
      }),
    );
    expect(tried).toEqual(expected);
  },
);

test('no table is documented that no database has', async () => {
  const there = await Promise.all(services.map((service) => readTables(roleOf(service, 'owner'))));
  const names = there.flat().map(({ name }) => name);
  expect([...documentedTables.keys()].filter((name) => !names.includes(name))).toEqual([]);
});

test.each(services)('%s: a partition is reached by its parent alone', async (service) => {
  const partitions = (await readTables(roleOf(service, 'owner'))).filter(({ isPartition }) => isPartition);
  expect(partitions.length).toBeGreaterThan(0);
  const statements = partitions.flatMap(({ name }) => [
    `select from ${name}`,
    `insert into ${name} default values`,
    `delete from ${name}`,
  ]);
  await Promise.all(rolesOf(service).map((kind) => expectNone(service, kind, statements)));
});

test.each(services)(
  "%s: functions with their owner's rights are called by whom docs/security.md says",
  async (service) => {
    const { rows } = await roleOf(service, 'owner').query<{ name: string; call: string }>({
      text: `select proname::text as name, 'pipeline.' || proname || '(' || array_to_string(array_fill('null'::text, array[pronargs]), ', ') || ')' as call
           from pg_proc where prosecdef and pronamespace::regnamespace::text !~ '^pg_' order by 1`,
    });
    expect(rows.length).toBeGreaterThan(0);
    const calls = rows.map(({ call }) => `select ${call}`);
    await Promise.all(
      rolesOf(service).map(async (kind) => {
        const tried = await tryEach(roleOf(service, kind), calls);
        expect(rows.map(({ name }, i) => [kind, name, tried[i]])).toEqual(
          rows.map(({ name }) => [kind, name, documentedFunctions.get(name)?.[kind] === 'call']),
        );
      }),
    );
  },
);

/** What would let a role leave its place, whatever it may do with tables. (`create database` asks for no transaction before it asks for rights.) */
const ways = [
  'create schema mine',
  'create table public.mine ()',
  'create table pipeline.mine ()',
  'create function public.mine() returns integer language sql return 1',
  'create function pipeline.mine() returns integer language sql return 1',
  'create temporary table mine ()',
  'create publication mine for table pipeline.consumer_keys',
  'create role mine',
  'alter role current_user superuser',
  "alter role current_user set transaction_timeout = '1s'; alter role current_user createrole",
  "copy (select 1) to program 'true'",
  "copy (select 1) to '/tmp/mine'",
  "select pg_read_file('/etc/hostname')",
  "select lo_import('/etc/hostname')",
  'select rolpassword from pg_authid',
  'create event trigger mine on ddl_command_end execute function suppress_redundant_updates_trigger()',
];

test.each(services)(
  '%s: no role but the owner makes anything, and none becomes more than it is',
  async (service) => {
    const ofServer = ways.filter((way) => !/^create (schema|table|function|temporary|publication)/.test(way));
    await Promise.all([
      ...rolesOf(service).map((kind) => expectNone(service, kind, [...ways, `set role ${service}_owner`])),
      expectNone(service, 'owner', ofServer),
    ]);
  },
);

test("no role connects to another service's database, nor does the registry's", async () => {
  const ofServices = services.flatMap((service) =>
    [...rolesOf(service), 'owner' as const].flatMap((kind) =>
      services
        .filter((name) => name !== service)
        .map((other) => ({ role: `${service}_${kind}`, password: passwordOf(service, kind), other })),
    ),
  );
  const ofRegistry = services.map((other) => ({
    role: 'registry',
    password: stackValue('REGISTRY_DB_PASSWORD'),
    other,
  }));
  const strangers = [...ofServices, ...ofRegistry];
  const tried = await Promise.all(
    strangers.map(async ({ role, password, other }) => {
      const stranger = poolAs(databases[other].adminUrl, role, password);
      const why = await stranger.query({ text: 'select 1' }).catch((error: unknown) => error);
      await stranger.end();
      return { role, other, code: (why as { code?: string }).code };
    }),
  );
  expect(tried).toEqual(strangers.map(({ role, other }) => ({ role, other, code: '42501' })));
});
