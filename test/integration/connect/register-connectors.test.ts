import { createConnectClient, type ConnectClient } from '../../../src/connect/connect-client.ts';
import { connectorForEnvironment } from '../../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../../src/connect/connector-file.ts';
import { readConnectorFiles } from '../../../src/connect/read-connector-files.ts';
import { registerConnector, registerConnectors } from '../../../src/connect/register-connectors.ts';
import { createPool, type Pool } from '../../../src/platform/postgres/pool.ts';
import { PipelineError } from '../../../src/platform/errors.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { dropSlot } from '../../support/drop-slot.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { stackValue, testKafka } from '../../support/test-stack.ts';
import { createTopics, uniquePrefix } from '../../support/test-topics.ts';

const folder = new URL('../../../connectors', import.meta.url).pathname;

describe('registering connectors at a real worker', () => {
  const prefix = uniquePrefix();
  // Two connectors with the same server name in one worker fight for the names of their metrics, for a minute.
  const serverName = prefix.replace('.', '');
  const name = `${prefix.replace('.', '')}-orders`;
  let client: ConnectClient;
  let database: TestDatabase;
  let admin: Pool;
  let file: ConnectorFile;

  const with_ = (config: Record<string, string>): ConnectorFile => ({
    name,
    config: { ...file.config, ...config },
  });

  beforeAll(async () => {
    client = createConnectClient({ url: stackValue('CONNECT_URL') });
    database = await createTestDatabase('orders');
    admin = createPool({
      connectionString: database.adminUrl,
      applicationName: 'test',
      log: silentLog,
      max: 1,
    });
    await createTopics(prefix, [
      { name: 'orders.events', partitions: 4 },
      { name: `__debezium-heartbeat.${serverName}`, partitions: 1 },
      { name: `__debezium-heartbeat.${serverName}d`, partitions: 1 },
    ]);
    const orders = (await readConnectorFiles(folder)).find((candidate) => candidate.name === 'orders-outbox');
    if (orders === undefined) throw new Error('There is no orders-outbox.');
    file = connectorForEnvironment(orders, {
      name,
      database: database.database,
      topicPrefix: prefix,
      serverName,
    });
  });

  afterAll(async () => {
    await client.delete(name);
    await dropSlot(admin, file.config['slot.name'] ?? '');
    await admin.end();
    await database.drop();
  });

  test('creates a connector and waits until it and its task run', async () => {
    const [registration] = await registerConnectors(client, [file]);
    expect(registration).toMatchObject({
      action: 'created',
      problem: undefined,
      status: { connector: { state: 'RUNNING' }, tasks: [{ id: 0, state: 'RUNNING' }] },
    });
  });

  test('leaves it alone the second time', async () => {
    expect(await registerConnector(client, file)).toMatchObject({
      action: 'unchanged',
      changes: [],
      problem: undefined,
    });
  });

  test('stores no secret in Connect', async () => {
    expect((await client.config(name))?.['database.password']).toBe('${env:CDC_ORDERS_PASSWORD}');
  });

  test('goes on where a registration died between creating and resuming', async () => {
    const died = connectorForEnvironment(file, { name: `${name}-died`, serverName: `${serverName}d` });
    expect(await client.createStopped(died.name, died.config)).toBe(true);
    // As after a timeout: the second try finds what the first one made.
    expect(await client.createStopped(died.name, died.config)).toBe(false);
    expect(await registerConnector(client, died)).toMatchObject({ action: 'created', problem: undefined });
    await client.delete(died.name);
    await dropSlot(admin, died.config['slot.name'] ?? '');
  });

  test('updates it when a setting differs, and says which', async () => {
    const slower = with_({ 'poll.interval.ms': '50' });
    const judge = (): void => {
      throw new PipelineError('connector_dangerous', 'Not this one.', { remedy: 'None.' });
    };
    expect(await registerConnector(client, slower, { judge })).toMatchObject({
      action: undefined,
      problem: { code: 'connector_dangerous' },
    });
    expect((await client.config(name))?.['poll.interval.ms']).toBe('5');
    expect(await registerConnector(client, slower)).toMatchObject({
      action: 'updated',
      changes: [{ key: 'poll.interval.ms', from: '5', to: '50' }],
      problem: undefined,
    });
    expect(await registerConnector(client, slower)).toMatchObject({ action: 'unchanged' });
  });

  test('sends heartbeats to the prefixed topic, which move the slot of an idle database', async () => {
    await registerConnector(client, with_({ 'heartbeat.interval.ms': '200' }));
    const kafka = testKafka().admin();
    await kafka.connect();
    const heartbeats = async (): Promise<number> =>
      Number((await kafka.fetchTopicOffsets(`${prefix}__debezium-heartbeat.${serverName}`))[0]?.high ?? 0);
    try {
      const before = await heartbeats();
      await waitUntil(async () => (await heartbeats()) > before, { timeoutMs: 60_000, what: 'a heartbeat' });
      const target = await currentLsn(admin);
      await waitUntil(() => slotPassed(admin, file.config['slot.name'] ?? '', target), {
        timeoutMs: 30_000,
        what: 'the slot to move',
      });
    } finally {
      await kafka.disconnect();
    }
  });

  test('does not resume a connector that somebody stopped', async () => {
    await fetch(`${client.url}/connectors/${name}/stop`, { method: 'PUT' });
    await waitUntil(async () => (await client.status(name))?.connector.state === 'STOPPED', {
      timeoutMs: 60_000,
      what: 'the connector to stop',
    });
    const { problem } = await registerConnector(client, file);
    expect(problem).toMatchObject({
      code: 'connector_failed',
      message: expect.stringMatching(/STOPPED/) as string,
    });
    await client.resume(name);
    await waitUntil(async () => (await client.status(name))?.connector.state === 'RUNNING', {
      timeoutMs: 60_000,
      what: 'the connector to be resumed',
    });
    // Only now: while it was held back nothing was changed.
    expect(await registerConnector(client, file)).toMatchObject({ action: 'updated', problem: undefined });
  });

  test("tells a failed task's first trace line and what to do, and restarts it when that is mended", async () => {
    await admin.query({ text: 'alter publication orders_outbox rename to hidden_outbox' });
    const failed = await registerConnector(client, with_({ 'poll.interval.ms': '40' }));
    expect(failed).toMatchObject({ action: 'updated', problem: { code: 'connector_failed' } });
    expect(failed.problem?.message).toMatch(/task 0 FAILED: .*[Pp]ublication/);
    expect(failed.problem?.remedy).toMatch(/publication/);
    await admin.query({ text: 'alter publication hidden_outbox rename to orders_outbox' });
    const mended = await registerConnector(client, with_({ 'poll.interval.ms': '40' }));
    expect(mended).toMatchObject({ action: 'restarted', problem: undefined });
  });

  test('tells that the database refused the password, with nothing created', async () => {
    const other = { ...file, name: `${name}-wrong` };
    const wrong = {
      ...other,
      config: { ...other.config, 'database.password': '${env:CDC_INVENTORY_PASSWORD}' },
    };
    const { action, problem } = await registerConnector(client, wrong);
    expect(action).toBeUndefined();
    expect(problem).toMatchObject({
      code: 'connect_refused',
      remedy: expect.stringMatching(/PASSWORD/) as string,
    });
    expect(problem?.message).toMatch(/password authentication failed for user "orders_cdc"/);
    expect(await client.config(wrong.name)).toBeUndefined();
  });

  test('names the address when no Connect is there', async () => {
    const nobody = createConnectClient({ url: 'http://user:hunter2@127.0.0.1:9' });
    const { problem } = await registerConnector(nobody, file);
    expect(problem).toMatchObject({ code: 'connect_unreachable' });
    expect(problem?.message).toMatch(/can't be reached at http:\/\/127\.0\.0\.1:9 /);
  });
});

async function currentLsn(admin: Pool): Promise<string> {
  const { rows } = await admin.query<{ lsn: string }>({ text: 'select pg_current_wal_lsn()::text as lsn' });
  return rows[0]?.lsn ?? '';
}

async function slotPassed(admin: Pool, slot: string, lsn: string): Promise<boolean> {
  const { rows } = await admin.query<{ passed: boolean }>({
    text: 'select confirmed_flush_lsn >= $2::pg_lsn as passed from pg_replication_slots where slot_name = $1',
    values: [slot, lsn],
  });
  return rows[0]?.passed ?? false;
}
