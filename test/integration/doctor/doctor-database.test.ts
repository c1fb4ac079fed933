import { judgeTransactions, readLongTransactions } from '../../../src/operate/doctor/check-transactions.ts';
import { databaseSection, serverSection } from '../../../src/operate/doctor/examine-postgres.ts';
import {
  schemasSection,
  readRegistered,
  readSchemaFiles,
} from '../../../src/operate/doctor/examine-schemas.ts';
import { findPostgresServers } from '../../../src/operate/doctor/postgres-servers.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import { createExaminedOutbox, findingsOf, type ExaminedOutbox } from '../../support/examined-outbox.ts';

let examined: ExaminedOutbox;
let database: string;

beforeAll(async () => {
  examined = await createExaminedOutbox();
  ({ database } = examined.outbox.database);
});
afterAll(() => examined.close());

const databaseFindings = (): Promise<string[]> =>
  findingsOf(databaseSection(examined.service, examined.pipeline.connectors, new Date()));

async function schemaFindings(): Promise<string[]> {
  const { pipeline } = examined;
  const files = readSchemaFiles(pipeline.schemas);
  return findingsOf(schemasSection(pipeline, () => files, readRegistered(pipeline.registry, files)));
}

/** As the superuser, in the test's own database. `DATABASE` stands for its name. */
async function run(...statements: readonly string[]): Promise<void> {
  for (const text of statements)
    await examined.outbox.admin.query({ text: text.replaceAll('DATABASE', database) });
}

const tomorrow = "'outbox_' || to_char((now() at time zone 'utc')::date + 1, 'YYYYMMDD')";
const onTomorrow = (action: string): string => `do $$ begin execute format('${action}', ${tomorrow}); end $$`;
const oldestMemory = `(select min(relname) from pg_class where relname ~ '^processed_events_\\d+$')`;

test('a fresh database, its server and its schemas have nothing wrong', async () => {
  expect(await databaseFindings()).toEqual([]);
  expect(await schemaFindings()).toEqual([]);
  const [server] = await findPostgresServers(examined.pipeline);
  if (server === undefined) throw new Error('The server was not found.');
  expect(await findingsOf(serverSection(server))).toEqual([
    'skipped own slots: no connector has a slot here yet',
  ]);
});

test.each<{ what: string; broken: string[]; mended: string[]; found: RegExp }>([
  {
    what: 'the publication is gone',
    broken: ['drop publication orders_outbox'],
    mended: [
      "create publication orders_outbox for table pipeline.outbox with (publish = 'insert', publish_via_partition_root = true)",
    ],
    found: /^problem publication: Publication orders_outbox does not exist/,
  },
  {
    what: 'the publication has a second table',
    broken: ['alter publication orders_outbox add table pipeline.outbox_keys'],
    mended: ['alter publication orders_outbox set table pipeline.outbox'],
    found: /^problem publication: orders_outbox covers pipeline\.outbox_keys as well/,
  },
  {
    what: 'the publication publishes updates',
    broken: ["alter publication orders_outbox set (publish = 'insert, update')"],
    mended: ["alter publication orders_outbox set (publish = 'insert')"],
    found: /^problem publication: orders_outbox publishes update as well/,
  },
  {
    what: 'the publication shows partitions',
    broken: ['alter publication orders_outbox set (publish_via_partition_root = false)'],
    mended: ['alter publication orders_outbox set (publish_via_partition_root = true)'],
    found: /^problem publication: orders_outbox shows each partition as a table of its own/,
  },
  {
    what: 'the service may delete from the outbox',
    broken: ['grant delete on pipeline.outbox to pipeline_app'],
    mended: ['revoke delete on pipeline.outbox from pipeline_app'],
    found: /^problem rights on tables: orders_app may delete on pipeline\.outbox, which it must not/,
  },
  {
    what: 'the service may not make partitions',
    broken: ['revoke execute on function pipeline.maintain_outbox(integer, integer, name) from pipeline_app'],
    mended: ['grant execute on function pipeline.maintain_outbox(integer, integer, name) to pipeline_app'],
    found:
      /^problem rights on the database: orders_app may not call pipeline\.maintain_outbox, which it needs/,
  },
  {
    what: 'the service may not write events',
    broken: ['revoke insert on pipeline.outbox from pipeline_app'],
    mended: ['grant insert on pipeline.outbox to pipeline_app'],
    found: /^problem rights on tables: orders_app may not insert on pipeline\.outbox, which it needs/,
  },
  {
    what: 'Debezium may read a table of the domain',
    broken: [
      'grant usage on schema orders to orders_cdc',
      'grant select (status) on orders.orders to orders_cdc',
    ],
    mended: [
      'revoke usage on schema orders from orders_cdc',
      'revoke select (status) on orders.orders from orders_cdc',
    ],
    found: /^problem rights on tables: orders_cdc may select on orders\.orders, which it must not/,
  },
  {
    what: 'everybody may read the outbox',
    broken: ['grant select on pipeline.event_schemas to public'],
    mended: ['revoke select on pipeline.event_schemas from public'],
    found: /^problem rights on tables: PUBLIC may select on pipeline\.event_schemas, which it must not/,
  },
  {
    what: 'everybody may connect',
    broken: ['grant connect on database DATABASE to public'],
    mended: ['revoke connect on database DATABASE from public'],
    found: /^problem rights on the database: PUBLIC has connect on database orders_\w+, which it must not/,
  },
  {
    what: 'everybody may create in schema public',
    broken: ['grant create on schema public to public'],
    mended: ['revoke create on schema public from public'],
    found: /^problem rights on the database: PUBLIC may create tables and functions in schema public/,
  },
  {
    what: "Debezium may call a function with the owner's rights",
    broken: ['grant execute on function pipeline.maintain_outbox(integer, integer, name) to orders_cdc'],
    mended: ['revoke execute on function pipeline.maintain_outbox(integer, integer, name) from orders_cdc'],
    found: /^problem rights on the database: orders_cdc may call pipeline\.maintain_outbox/,
  },
  {
    what: 'a transaction of the service may take five minutes',
    broken: ["alter role orders_app in database DATABASE set transaction_timeout = '5min'"],
    mended: ['alter role orders_app in database DATABASE reset transaction_timeout'],
    found: /^warning time limits: orders_app: transaction_timeout is 5 min/,
  },
  {
    what: 'an idle transaction of the service is never ended',
    broken: ['alter role orders_app in database DATABASE set idle_in_transaction_session_timeout = 0'],
    mended: ['alter role orders_app in database DATABASE reset idle_in_transaction_session_timeout'],
    found: /^problem time limits: orders_app: idle_in_transaction_session_timeout is not set/,
  },
  {
    what: "tomorrow's partition is detached",
    broken: [onTomorrow('alter table pipeline.outbox detach partition pipeline.%I')],
    mended: [
      // Attached again as it was, by the function that makes days.
      onTomorrow('drop table pipeline.%I'),
      "select pipeline.maintain_outbox(7, 7, '')",
    ],
    found:
      /^problem outbox partitions: pipeline\.outbox has partitions for .+ only; then every insert is refused/,
  },
  {
    what: 'there is a default partition',
    broken: ['create table pipeline.outbox_rest partition of pipeline.outbox default'],
    mended: ['drop table pipeline.outbox_rest'],
    found: /^problem outbox partitions: pipeline\.outbox has a default partition/,
  },
  {
    what: 'a partition writes old rows into the log as a whole',
    broken: [onTomorrow('alter table pipeline.%I replica identity full')],
    mended: [onTomorrow('alter table pipeline.%I replica identity default')],
    found: /^warning replica identity: REPLICA IDENTITY of pipeline\.outbox_\d+ is FULL/,
  },
  {
    what: 'the oldest day of memory is gone',
    broken: [
      `do $$ begin execute format('drop table pipeline.%I', ${oldestMemory}); execute format('drop table pipeline.%I', ${oldestMemory}); end $$`,
    ],
    mended: ['select pipeline.maintain_processed_events(29, 7)'],
    found: /^problem memory of events: pipeline\.processed_events begins \d+ days ago/,
  },
  {
    what: 'a migration did not run',
    broken: [
      "create table public.saved as select * from pipeline.migrations_orders where name = '0002_publication'",
      "delete from pipeline.migrations_orders where name = '0002_publication'",
    ],
    mended: ['insert into pipeline.migrations_orders select * from public.saved', 'drop table public.saved'],
    found: /^problem migrations: 0002_publication of orders did not run here yet/,
  },
])('$what: it says so, and no longer when it is mended', async ({ broken, mended, found }) => {
  await run(...broken);
  try {
    // Once, and nothing else: whoever inherits it is not to blame.
    expect(await databaseFindings()).toEqual([expect.stringMatching(found)]);
  } finally {
    await run(...mended);
  }
  expect(await databaseFindings()).toEqual([]);
});

test.each([
  ["set fingerprint = 'edited'", /^problem orders: The database knows OrderPlaced v1 with other content/],
  [
    'set schema_id = 4711',
    /^problem orders: The database writes OrderPlaced v1 with schema id 4711 .+, which is \d+ in/,
  ],
  ['set version = 9', /^problem orders: The database does not know OrderPlaced v1/],
])('event_schemas edited (%s): it says so', async (change, found) => {
  const where = "where subject = 'orders.events-shop.orders.OrderPlaced'";
  await run(
    `create table public.saved as select * from pipeline.event_schemas ${where}`,
    `update pipeline.event_schemas ${change} ${where}`,
  );
  try {
    expect(await schemaFindings()).toContainEqual(expect.stringMatching(found));
  } finally {
    await run(
      `delete from pipeline.event_schemas ${where}`,
      'insert into pipeline.event_schemas select * from public.saved',
      'drop table public.saved',
    );
  }
  expect(await schemaFindings()).toEqual([]);
});

test('a transaction that is left open is named, with what ends it', async () => {
  const idle = createPool({
    connectionString: examined.outbox.database.adminUrl,
    applicationName: 'forgotten',
    log: silentLog,
    max: 1,
  });
  const client = await idle.connect();
  try {
    await client.query('begin; create table public.forgotten ()');
    const open = await readLongTransactions(examined.service.pool, 0);
    const own = open.filter(({ application }) => application === 'forgotten');
    expect(own).toMatchObject([{ role: 'postgres', database, wrote: true }]);
    const [judged] = judgeTransactions(own.map((transaction) => ({ ...transaction, seconds: 700 })));
    expect(judged).toMatchObject({
      verdict: 'problem',
      sentence: expect.stringContaining('(forgotten, postgres, database') as string,
      remedy: expect.stringContaining(`pg_terminate_backend(${own[0]?.pid ?? ''})`) as string,
    });
  } finally {
    await client.query('rollback');
    client.release();
    await idle.end();
  }
});
