import { createConnectClient, type ConnectClient } from '../../../src/connect/connect-client.ts';
import { connectorForEnvironment } from '../../../src/connect/connector-for-environment.ts';
import type { ConnectorFile } from '../../../src/connect/connector-file.ts';
import { readConnectorFiles } from '../../../src/connect/read-connector-files.ts';
import { registerConnector } from '../../../src/connect/register-connectors.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool, type Pool } from '../../../src/platform/postgres/pool.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { dropSlot } from '../../support/drop-slot.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { stackValue, testKafka } from '../../support/test-stack.ts';
import { createTopics, uniquePrefix } from '../../support/test-topics.ts';

interface Received {
  readonly key: string | undefined;
  readonly value: Buffer | null;
  readonly headers: Record<string, string | null>;
}

const row = {
  event_id: '0190b3a0-0000-7000-8000-00000000abcd',
  partition_key: 'kundé 17850',
  key_seq: 9_007_199_254_740_991,
  event_type: 'OrderPlaced',
  aggregate_id: 'a "quoted" {x: 1} [é]',
  payload: Buffer.from([0x00, 0x00, 0x00, 0x00, 0x07, 0x0a, 0xff, 0x80, 0xfe, 0x00]),
  schema_fingerprint: '1e5',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  occurred_at: '2026-11-24 10:00:00.120+05',
};

describe('what the outbox connector writes to Kafka', () => {
  const prefix = uniquePrefix();
  // Two connectors with the same server name in one worker fight for the names of their metrics, for a minute.
  const serverName = prefix.replace('.', '');
  const received: Received[] = [];
  const consumer = testKafka().consumer({ groupId: `${prefix}records` });
  let client: ConnectClient;
  let database: TestDatabase;
  let admin: Pool;
  let file: ConnectorFile;

  const insert = (values: Partial<Record<keyof typeof row, unknown>>): Promise<unknown> => {
    const all = { ...row, ...values };
    const columns = Object.keys(all);
    return admin.query({
      text: `insert into pipeline.outbox (topic, ${columns.join(', ')})
             values ('orders.events', ${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
      values: Object.values(all),
    });
  };
  const withKey = (key: string): Received[] => received.filter((record) => record.key === key);
  const arrived = (key: string, count: number): Promise<Received[]> =>
    waitUntil(() => withKey(key).length >= count && withKey(key), {
      timeoutMs: 30_000,
      what: `records of ${key}`,
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
    // Written in another order than their ids: what a table looks like after an aborted insert and a vacuum.
    await admin.query({
      text: `insert into pipeline.outbox
               (id, event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
             select uuidv7(make_interval(secs => n)), uuidv7(), 'orders.events', 'kept', n, 'OrderPlaced', 'o', '\\x00', 'f', now()
             from (select n from generate_series(1, 500) as n order by random()) as shuffled`,
    });
    await createTopics(prefix, [
      { name: 'orders.events', partitions: 2 },
      { name: `__debezium-heartbeat.${serverName}`, partitions: 1 },
    ]);
    const orders = (await readConnectorFiles(new URL('../../../connectors', import.meta.url).pathname)).find(
      (candidate) => candidate.name === 'orders-outbox',
    );
    if (orders === undefined) throw new Error('There is no orders-outbox.');
    file = connectorForEnvironment(orders, {
      name: `${prefix.replace('.', '')}-records`,
      database: database.database,
      topicPrefix: prefix,
      serverName,
    });
    const { problem } = await registerConnector(client, file);
    if (problem !== undefined) throw problem;
    await consumer.connect();
    await consumer.subscribe({ topic: `${prefix}orders.events`, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
          name,
          value?.toString() ?? null,
        ]);
        received.push({
          key: message.key?.toString(),
          value: message.value,
          headers: Object.fromEntries(headers) as Received['headers'],
        });
        return Promise.resolve();
      },
    });
  });

  afterAll(async () => {
    await consumer.disconnect();
    await client.delete(file.name);
    await dropSlot(admin, file.config['slot.name'] ?? '');
    await admin.end();
    await database.drop();
  });

  test('begins with the rows that are there, in the order of their ids, whatever their order in the table', async () => {
    const records = await arrived('kept', 500);
    expect(records.map((record) => Number(record.headers['keySeq']))).toEqual(
      Array.from({ length: 500 }, (_, n) => n + 1),
    );
    // Rows of a snapshot carry the time of their reading too.
    const ages = records.map(({ headers }) => Date.now() - Number(headers['readAt']));
    expect(ages.filter((age) => !(age >= 0 && age < 60_000))).toEqual([]);
  });

  test('is the key as text, the payload byte for byte and the other columns as headers in plain text', async () => {
    await insert({});
    const [record] = await arrived(row.partition_key, 1);
    expect(record?.value).toEqual(row.payload);
    const { readAt, ...columns } = record?.headers ?? {};
    expect(columns).toEqual({
      id: row.event_id,
      eventType: row.event_type,
      aggregateId: row.aggregate_id,
      keySeq: '9007199254740991',
      schemaFingerprint: row.schema_fingerprint,
      occurredAt: '2026-11-24T05:00:00.120000Z',
      traceparent: row.traceparent,
    });
    expect(readAt).toMatch(/^\d{13}$/);
    expect(Math.abs(Date.now() - Number(readAt))).toBeLessThan(10_000);
  });

  test('has a traceparent header of null for an event without one', async () => {
    await insert({ partition_key: 'untraced', traceparent: null });
    const [record] = await arrived('untraced', 1);
    expect(record?.headers['traceparent']).toBeNull();
  });
});
