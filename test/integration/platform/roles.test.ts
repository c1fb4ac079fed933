import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { stackValue } from '../../support/test-stack.ts';

const NOT_ALLOWED = { code: '42501' };

let orders: TestDatabase;
let inventory: TestDatabase;
let cdc: Pool;
let audit: Pool;
let repair: Pool;

beforeAll(async () => {
  orders = await createTestDatabase('orders');
  inventory = await createTestDatabase('inventory');
  cdc = poolOf(orders.adminUrl, 'orders_cdc', stackValue('ORDERS_CDC_PASSWORD'));
  audit = poolOf(orders.adminUrl, 'orders_audit', stackValue('ORDERS_AUDIT_PASSWORD'));
  repair = poolOf(orders.adminUrl, 'orders_repair', stackValue('ORDERS_REPAIR_PASSWORD'));
});
afterAll(async () => {
  await Promise.all([cdc, audit, repair].map((pool) => pool.end()));
  await orders.drop();
  await inventory.drop();
});

/** The same database as somebody else. */
function poolOf(databaseUrl: string, role: string, password: string): Pool {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return createPool({ connectionString: url.href, applicationName: 'test', log: silentLog, max: 1 });
}

test("Debezium's role reads the outbox, and has replication", async () => {
  expect((await cdc.query({ text: 'select * from pipeline.outbox' })).rows).toEqual([]);
  const { rows } = await cdc.query({
    text: 'select rolreplication, rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user',
  });
  expect(rows).toEqual([{ rolreplication: true, rolsuper: false, rolcreaterole: false, rolcreatedb: false }]);
});

test.each([
  'select * from orders.orders',
  'select * from pipeline.outbox_keys',
  'select * from pipeline.event_schemas',
  'insert into pipeline.outbox_keys values ($$a$$, $$b$$, 1)',
  'delete from pipeline.outbox',
  'create table public.mine ()',
  'create table pipeline.mine ()',
  'create publication mine for table pipeline.outbox',
  'alter publication orders_outbox drop table pipeline.outbox',
])("Debezium's role may not: %s", async (text) => {
  // A publication belongs to its owner, which has another code than a missing right on a table.
  await expect(cdc.query({ text })).rejects.toMatchObject(NOT_ALLOWED);
});

test.each([
  'update orders.orders set total_minor = 0',
  'delete from orders.orders',
  'insert into pipeline.event_schemas values ($$a$$, 1, 1, $$f$$, $$r$$)',
  'delete from pipeline.processed_events',
  'update pipeline.processed_events set outcome = $$x$$',
  'drop table pipeline.outbox',
  'create table public.mine ()',
  'create publication mine for table pipeline.outbox',
])("the order service's role may not: %s", async (text) => {
  await expect(orders.pool.query({ text })).rejects.toMatchObject(NOT_ALLOWED);
});

test.each([
  'select * from orders.orders',
  'insert into pipeline.outbox_keys values ($$a$$, $$b$$, 1)',
  'insert into pipeline.outbox select * from pipeline.outbox',
  'update pipeline.processed_events set outcome = $$x$$',
  'update pipeline.consumer_positions set next_offset = 0',
  'delete from pipeline.outbox_audit',
  'delete from pipeline.parked_events',
])("the audit's role may not: %s", async (text) => {
  await expect(audit.query({ text })).rejects.toMatchObject(NOT_ALLOWED);
});

test.each([
  'select * from orders.orders',
  'select * from pipeline.processed_events',
  'update pipeline.outbox set topic = $$x$$',
  'update pipeline.outbox_keys set last_seq = 0',
  'update pipeline.outbox_repairs set repaired_by = $$somebody else$$',
  'delete from pipeline.outbox_repairs',
  'update pipeline.outbox_audit set audited_through = audited_through',
])('the role that repairs may not: %s', async (text) => {
  await expect(repair.query({ text })).rejects.toMatchObject(NOT_ALLOWED);
});

test("no role connects to another service's database", async () => {
  const strangers = [
    poolOf(inventory.adminUrl, 'orders_app', stackValue('ORDERS_APP_PASSWORD')),
    poolOf(inventory.adminUrl, 'orders_owner', stackValue('ORDERS_OWNER_PASSWORD')),
    poolOf(inventory.adminUrl, 'orders_cdc', stackValue('ORDERS_CDC_PASSWORD')),
    poolOf(orders.adminUrl, 'inventory_app', stackValue('INVENTORY_APP_PASSWORD')),
    poolOf(orders.adminUrl, 'sales_app', stackValue('SALES_APP_PASSWORD')),
  ];
  for (const stranger of strangers) {
    await expect(stranger.query({ text: 'select 1' })).rejects.toMatchObject(NOT_ALLOWED);
    await stranger.end();
  }
});

test('the publication shows inserts of the outbox only, its partitions as one table', async () => {
  const { rows } = await cdc.query({
    text: `select pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot, schemaname, tablename
           from pg_publication join pg_publication_tables using (pubname) where pubname = 'orders_outbox'`,
  });
  expect(rows).toEqual([
    {
      pubinsert: true,
      pubupdate: false,
      pubdelete: false,
      pubtruncate: false,
      pubviaroot: true,
      schemaname: 'pipeline',
      tablename: 'outbox',
    },
  ]);
});

test("a transaction of a service's role is ended when it is left open", async () => {
  const { rows } = await orders.pool.query({
    text: `select current_setting('idle_in_transaction_session_timeout') as idle, current_setting('transaction_timeout') as whole`,
  });
  expect(rows).toEqual([{ idle: '5s', whole: '30s' }]);
});

test('a statement of a service is planned once, also where its first calls bring a list of one', async () => {
  const client = await orders.pool.connect();
  try {
    for (let time = 0; time < 3; time += 1)
      await client.query({
        name: 'by_key',
        text: 'select from pipeline.outbox_keys where key = any($1::text[])',
        values: [['a']],
      });
    const { rows } = await client.query('select generic_plans, custom_plans from pg_prepared_statements');
    expect(rows).toEqual([{ generic_plans: 3, custom_plans: 0 }]);
  } finally {
    client.release();
  }
});
