import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { topicCatalogue } from '../../../src/contracts/catalogue.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { runOutbox, runOutboxProcess, type Ended } from '../../support/run-outbox.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { testKafka, testStackEnv } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

let orders: TestDatabase;
let inventory: TestDatabase;

beforeAll(async () => {
  orders = await createTestDatabase('orders');
  inventory = await createTestDatabase('inventory');
});
afterAll(async () => {
  await orders.drop();
  await inventory.drop();
});

/** With the test's databases. */
const environment = (env: Record<string, string>): Record<string, string> => ({
  ...testStackEnv(),
  ORDERS_OWNER_DATABASE_URL: orders.ownerUrl,
  INVENTORY_OWNER_DATABASE_URL: inventory.ownerUrl,
  PATH: process.env['PATH'] ?? '',
  ...env,
});
const outbox = (words: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runOutbox(words, environment(env));
const outboxProcess = (words: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runOutboxProcess(words, environment(env));

test('without a command it shows the commands, and an unknown one is a usage error', async () => {
  const help = await outbox(['--help']);
  expect(help).toMatchObject({ code: 0 });
  expect(help.stdout).toContain('schemas');
  expect(help.stdout).toContain('topics');
  expect(await outbox(['shemas'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean schemas?') as string,
  });
  // As a process: the exit code is what scripts see.
  expect(await outboxProcess(['schemas', 'apply', '--jsn'])).toMatchObject({ code: 2, stdout: '' });
});

test('schemas apply registers every schema and writes the same ids into each database, however often it runs', async () => {
  const first = await outbox(['schemas', 'apply', '--json']);
  expect(first.code).toBe(0);
  const applied = JSON.parse(first.stdout) as { subject: string; version: number; schemaId: number }[];
  expect(applied.map(({ subject }) => subject)).toContain('orders.events-shop.orders.OrderPlaced');
  expect((await outbox(['schemas', 'apply', '--json'])).stdout).toBe(first.stdout);
  for (const database of [orders, inventory]) {
    const { rows } = await database.pool.query({
      text: `select subject, version, schema_id as "schemaId" from pipeline.event_schemas order by subject, version`,
    });
    expect(rows).toHaveLength(applied.length);
    expect(rows).toEqual(
      expect.arrayContaining(
        applied.map(({ subject, version, schemaId }) => ({ subject, version, schemaId })),
      ),
    );
  }
});

test('schemas apply says in a sentence that the registry can not be reached', async () => {
  const ended = await outbox(['schemas', 'apply'], { REGISTRY_URL: 'http://127.0.0.1:9/apis/ccompat/v7' });
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toMatch(/^The schema registry at 127\.0\.0\.1:9 did not answer: .+ Start it/);
});

async function retentionOf(admin: Admin, topic: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  return resources[0]?.configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue;
}

test('topics apply creates what the catalogue declares, then mends a setting, and refuses another number of partitions', async () => {
  const prefix = uniquePrefix();
  const created = await outbox(['topics', 'apply', '--json'], { TOPIC_PREFIX: prefix });
  const results = JSON.parse(created.stdout) as { name: string; done: string }[];
  expect(results.map(({ name }) => name)).toEqual(topicCatalogue(prefix).map(({ name }) => name));
  expect(new Set(results.map(({ done }) => done))).toEqual(new Set(['created']));

  const admin = testKafka().admin();
  await admin.connect();
  try {
    const topic = `${prefix}orders.events`;
    const configEntries = [{ name: 'retention.ms', value: '1000' }];
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
    // The controller has it before the broker that is asked.
    await waitUntil(async () => (await retentionOf(admin, topic)) === '1000', {
      timeoutMs: 30_000,
      what: 'the setting to be seen',
    });
    const planned = await outbox(['topics', 'plan'], { TOPIC_PREFIX: prefix });
    expect(planned).toMatchObject({ code: 1, stderr: '' });
    expect(planned.stdout).toContain('retention.ms: 1000 → 604800000');
    const mended = JSON.parse(
      (await outbox(['topics', 'apply', '--json'], { TOPIC_PREFIX: prefix })).stdout,
    ) as typeof results;
    expect(mended.filter(({ done }) => done !== 'unchanged')).toEqual([{ name: topic, done: 'configured' }]);
    await waitUntil(async () => (await retentionOf(admin, topic)) === '604800000', {
      timeoutMs: 30_000,
      what: 'the mended setting to be seen',
    });
    const after = await outbox(['topics', 'plan', '--json'], { TOPIC_PREFIX: prefix });
    expect(after.code).toBe(0);
    expect(JSON.parse(after.stdout)).toMatchObject({ nothingToDo: true, undeclared: [] });

    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    const refused = await outbox(['topics', 'apply'], { TOPIC_PREFIX: prefix });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${topic} has 5 partitions; the catalogue declares 4`) as string,
    });
  } finally {
    await admin.disconnect();
  }
});

test('topics apply says that Kafka can not be reached', async () => {
  const ended = await outboxProcess(['topics', 'apply'], { KAFKA_BROKERS: '127.0.0.1:9' });
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain('127.0.0.1:9');
});
