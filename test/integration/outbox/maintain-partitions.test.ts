import { maintainOutboxPartitions } from '../../../src/outbox/maintain-partitions.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import { dropSlot } from '../../support/drop-slot.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';

let db: TestDatabase;
let owner: Pool;
let admin: Pool;
let slot: string;

beforeAll(async () => {
  db = await createTestDatabase('orders');
  owner = createPool({ connectionString: db.ownerUrl, applicationName: 'test', log: silentLog });
  admin = createPool({ connectionString: db.adminUrl, applicationName: 'test', log: silentLog });
  slot = `${db.database}_slot`;
});
afterAll(async () => {
  await dropSlot(admin, slot);
  await Promise.all([owner.end(), admin.end()]);
  await db.drop();
});

const partitions = async () => {
  const { rows } = await owner.query<{ name: string }>({
    text: `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
           where inhparent = 'pipeline.outbox'::regclass order by relname`,
  });
  return rows.map((row) => row.name);
};

/** A partition of 20 days ago with one row, as if the service had run then. */
async function addOldPartition(): Promise<string> {
  const { rows } = await owner.query<{ name: string }>({
    text: `select 'outbox_' || to_char(now() at time zone 'UTC' - interval '20 days', 'YYYYMMDD') as name`,
  });
  const name = rows[0]?.name ?? '';
  const bound = (days: number) =>
    `pipeline.uuid_floor(date_trunc('day', now(), 'UTC') - interval '${days} days')`;
  await owner.query({
    text: `do $$ begin execute format('create table pipeline.${name} partition of pipeline.outbox for values from (%L) to (%L)', ${bound(20)}, ${bound(19)}); end $$`,
  });
  await owner.query({
    text: `insert into pipeline.outbox (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
           select id, id, 't', 'k', 1, 'e', 'a', '', 'f', now() from (select ${bound(20)} as id) as old`,
  });
  return name;
}

test('a new database has today and the seven days ahead; another call makes nothing', async () => {
  expect(await partitions()).toHaveLength(8);
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([]);
});

test('makes a missing day again, under the service role, which may not create tables itself', async () => {
  const last = (await partitions()).at(-1) ?? '';
  await owner.query({ text: `drop table pipeline.${last}` });
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([{ action: 'created', partition: last }]);
  await expect(db.pool.query({ text: 'create table pipeline.mine ()' })).rejects.toMatchObject({
    code: '42501',
  });
});

test('drops an old day only when the slot and the audit have passed it', async () => {
  const old = await addOldPartition();
  const kept = [{ action: 'kept: the slot has not passed it', partition: old }];
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual(kept);

  await admin.query({ text: `select pg_create_logical_replication_slot('${slot}', 'pgoutput')` });
  await owner.query({
    text: `insert into pipeline.outbox_audit (audited_through) values (pipeline.uuid_floor(now() - interval '30 days'))`,
  });
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([
    { action: 'kept: the audit has not passed it', partition: old },
  ]);
  expect(await partitions()).toContain(old);

  await owner.query({
    text: `update pipeline.outbox_audit set audited_through = pipeline.uuid_floor(now())`,
  });
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([{ action: 'dropped', partition: old }]);
  expect(await partitions()).not.toContain(old);
});

test('leaves an old day that somebody is reading for the next call, and does not wait long', async () => {
  await owner.query({ text: 'delete from pipeline.outbox_audit' });
  const old = await addOldPartition();
  await admin.query({ text: `select pg_replication_slot_advance('${slot}', pg_current_wal_lsn())` });
  const reader = await owner.connect();
  try {
    await reader.query('begin');
    await reader.query(`select count(*) from pipeline.${old}`);
    expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([
      { action: 'kept: the table is busy', partition: old },
    ]);
  } finally {
    await reader.query('rollback');
    reader.release();
  }
  expect(await maintainOutboxPartitions(db.pool, slot)).toEqual([{ action: 'dropped', partition: old }]);
});
