import { rollBackRows, rowsBehindLaterOnes } from '../../support/heap-out-of-order.ts';
import { isRunning } from '../../../src/connect/connector-status.ts';
import { registerConnector } from '../../../src/connect/register-connectors.ts';
import type { HealReport } from '../../../src/operate/heal/heal-connector.ts';
import { stopConnector } from '../../../src/operate/change/stop-connector.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createOperatedOutbox, type OperatedOutbox } from '../../support/operated-outbox.ts';
import type { Ended } from '../../support/run-outbox.ts';
import { readTopic, type TopicRecord } from '../../support/read-topic.ts';

// What test/faults/heal.test.ts does with consumers, here without them: what is in the topic afterwards, and what the command says.
let outbox: OperatedOutbox;

beforeAll(async () => {
  outbox = await createOperatedOutbox();
  const { connector } = outbox;
  // With its next heartbeat a connector stores where it stands, and then no longer shows that it was behind.
  const config = { ...connector.config, 'heartbeat.interval.ms': '60000' };
  const { problem } = await registerConnector(outbox.client, { ...connector, config });
  if (problem !== undefined) throw problem;
  expect(await heal()).toMatchObject({ code: 0 });
});
afterAll(() => outbox.close());

const heal = (...options: string[]): Promise<Ended> => outbox.outbox(['connectors', 'heal', ...options]);
const sql = (text: string, ...values: unknown[]) => outbox.admin.query({ text, values });
const stop = (): Promise<void> =>
  stopConnector(outbox.client, outbox.connector.name, {
    timeoutMs: 30_000,
    slot: { db: outbox.admin, name: outbox.slot },
  });
const advanceSlot = () => sql('select pg_replication_slot_advance($1, pg_current_wal_lsn())', outbox.slot);
const resetOffsets = () =>
  waitUntil(() => outbox.client.resetOffsets(outbox.connector.name), {
    timeoutMs: 60_000,
    what: 'the offsets to be deleted',
  });

/** Only a stored offset can mean the bytes of another server; after a heal it comes with Connect's next flush. */
const offsetStored = () =>
  waitUntil(async () => (await outbox.client.offsets(outbox.connector.name)).length > 0, {
    timeoutMs: 30_000,
    what: 'an offset to be stored',
  });

/** Heals, sees that all is well then, and returns what was found before. */
async function found(...options: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await heal('--json', ...options);
  if (code !== 0) throw new Error(`heal ended with ${code}: ${stdout} ${stderr}`);
  const report = JSON.parse(stdout) as { connectors: HealReport[] };
  return report.connectors.flatMap(({ news }) =>
    news.flatMap((one) => (one.kind === 'found' ? [one.finding.code] : [])),
  );
}

const records = (): Promise<TopicRecord[]> => readTopic(`${outbox.topicPrefix}orders.events`);

/** Of each key of the outbox: the sequences of its last records, as many as it has rows. */
async function lastSaid(): Promise<Record<string, number[]>> {
  const { rows } = await outbox.admin.query<{ key: string; count: number }>({
    text: `select partition_key as key, count(*) from pipeline.outbox where topic = 'orders.events' group by 1`,
  });
  const all = await records();
  return Object.fromEntries(
    rows.map(({ key, count }) => [
      key,
      all
        .filter((record) => record.key === key)
        .slice(-count)
        .map(({ headers }) => Number(headers['keySeq'])),
    ]),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

async function fillHeapOutOfOrder(): Promise<number> {
  await outbox.append(200, 'a');
  await sql(rollBackRows);
  await outbox.append(200, 'a');
  await sql('vacuum pipeline.outbox');
  await outbox.append(300, 'a');
  return rowsBehindLaterOnes(outbox.admin);
}

test('a slot that was advanced is found under a connector that runs again, and all is said again in the order of id', async () => {
  expect(await fillHeapOutOfOrder()).toBeGreaterThan(0);
  await stop();
  const passedOver = await outbox.append(20, 'b');
  await advanceSlot();
  await outbox.client.resume(outbox.connector.name);
  await waitUntil(
    async () => {
      const status = await outbox.client.status(outbox.connector.name);
      return status !== undefined && isRunning(status);
    },
    { timeoutMs: 30_000, what: 'the connector to run again' },
  );
  expect(await found()).toEqual(['slot_ahead']);
  expect(await lastSaid()).toEqual({ a: upTo(700), b: upTo(20) });
  const said = new Set((await records()).map(({ headers }) => headers['id']));
  expect(passedOver.filter((id) => !said.has(id))).toEqual([]);
});

test('a publication that was dropped and made again, and another server, are found though all looks well', async () => {
  await sql('drop publication orders_outbox');
  await outbox.append(10, 'c');
  await outbox.client.pause(outbox.connector.name);
  await sql(
    `create publication orders_outbox for table pipeline.outbox with (publish = 'insert', publish_via_partition_root = true)`,
  );
  await outbox.client.resume(outbox.connector.name);
  await outbox.append(10, 'c');
  await offsetStored();
  await sql(`update pipeline.connector_servers set system_identifier = '1'`);

  const { code, stdout } = await heal('--dry-run');
  expect(code).toBe(1);
  expect(stdout).toMatch(/server_changed: The database is on another server .* instead of 1\)/);
  expect(stdout).toMatch(/publication_wrong: Publication orders_outbox was made or changed at /);
  expect(stdout).toContain('- would drop replication slot');

  expect(await found()).toEqual(['server_changed', 'publication_wrong']);
  expect((await lastSaid())['c']).toEqual(upTo(20));
  await offsetStored();
  await sql(`update pipeline.connector_servers set timeline = 9`);
  expect((await heal('--dry-run')).stdout).toContain(
    'timeline_changed: The server has been promoted or restored',
  );
  await sql(`update pipeline.connector_servers set timeline = 1`);
});

test('a heal that was broken off is brought to its end', async () => {
  const { client, connector } = outbox;
  await outbox.append(5, 'd');
  await stop();
  // Just before its end: neither slot nor offset.
  await sql('select pg_drop_replication_slot($1)', outbox.slot);
  await resetOffsets();
  expect(await found()).toEqual(['held_back']);
  // Just after its begin.
  await sql(
    `insert into pipeline.connector_saves (connector, reason, config, offsets) values ($1, 'heal: test', '{}', '[]')`,
    connector.name,
  );
  await stop();
  expect(await found()).toEqual(['held_back']);
  expect((await client.status(connector.name))?.connector.state).toBe('RUNNING');
});

test('a connector that somebody stopped stays stopped', async () => {
  await stop();
  const { code, stdout } = await heal();
  expect(code).toBe(1);
  expect(stdout).toContain('somebody told it to');
  expect((await outbox.client.status(outbox.connector.name))?.connector.state).toBe('STOPPED');
});

test('what can not be mended is said, and nothing is touched', async () => {
  const { client, connector } = outbox;
  await advanceSlot();
  await client.updateConfig(connector.name, { ...connector.config, 'snapshot.mode': 'no_data' });
  const refused = await heal();
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('not mended: snapshot.mode is no_data');
  await client.updateConfig(connector.name, connector.config);

  await sql(`alter publication orders_outbox set (publish = 'insert, update')`);
  const ownerless = await outbox.outbox(['connectors', 'heal'], { ORDERS_OWNER_DATABASE_URL: '' });
  expect(ownerless.code).toBe(1);
  expect(ownerless.stdout).toContain('publication_wrong: Publication orders_outbox publishes update too');
  expect(ownerless.stdout).toContain(
    'not mended: Only the owner can make publication orders_outbox: set ORDERS_OWNER_DATABASE_URL.',
  );
  // It is a superuser's here, since this test made it.
  const foreign = await heal();
  expect(foreign.code).toBe(1);
  expect(foreign.stdout).toContain('failed: The owner of the outbox may not make publication orders_outbox');
  expect((await client.offsets(connector.name)).length).toBe(1);
  await sql('alter publication orders_outbox owner to orders_owner');
});

test('rows that the outbox keeps no more are told', async () => {
  const { client, connector } = outbox;
  await stop();
  await sql(`delete from pipeline.outbox where partition_key = 'a' and key_seq <= 100`);
  const [offset] = await client.offsets(connector.name);
  const old = { lsn: 16, ts_usec: Date.parse('2001-01-01T00:00:00Z') * 1_000, txId: 1 };
  await waitUntil(
    () => client.setOffsets(connector.name, [{ partition: offset?.partition ?? {}, offset: old }]),
    { timeoutMs: 60_000, what: 'the offset to be set back' },
  );
  const { code, stdout } = await heal();
  expect(stdout).toMatch(
    /may be lost: The outbox keeps only rows since .* events had been read up to 2001-01-01/,
  );
  expect(stdout).toContain('is healthy again.');
  expect(code).toBe(1);
  expect(await found()).toEqual([]);
});

test('what can not be reached gives exit code 3', async () => {
  const nowhere = outbox.database.opsUrl.replace(/:\d+\//, ':1/');
  expect(await outbox.outbox(['connectors', 'heal'], { ORDERS_OPS_DATABASE_URL: nowhere })).toMatchObject({
    code: 3,
  });
  expect(await heal('--connect', 'http://127.0.0.1:1')).toMatchObject({ code: 3 });
});
