import { createConnectClient } from '../../../src/connect/connect-client.ts';
import { registerConnectors } from '../../../src/connect/register-connectors.ts';
import { clockSection } from '../../../src/operate/doctor/check-clocks.ts';
import { judgeAllowList, judgeResolved } from '../../../src/operate/doctor/check-connect.ts';
import { connectSection } from '../../../src/operate/doctor/examine-connect.ts';
import { serverSection } from '../../../src/operate/doctor/examine-postgres.ts';
import { findPostgresServers } from '../../../src/operate/doctor/postgres-servers.ts';
import type { ExaminedSection } from '../../../src/operate/doctor/section.ts';
import { readCluster, type Cluster } from '../../../src/platform/kafka/read-cluster.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import {
  createExaminedOutbox,
  findingsOf,
  internalTopics,
  type ExaminedOutbox,
} from '../../support/examined-outbox.ts';
import type { Ended } from '../../support/run-outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { testKafka } from '../../support/test-stack.ts';

let examined: ExaminedOutbox;
let inventory: TestDatabase;
let sales: TestDatabase;

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';

beforeAll(async () => {
  examined = await createExaminedOutbox();
  [inventory, sales] = await Promise.all([createTestDatabase('inventory'), createTestDatabase('sales')]);
  const { client, connector } = examined.outbox;
  await registerConnectors(client, [connector], { settleMs: 0 });
  // The first look remembers nothing and finds a stored offset.
  await waitUntil(async () => (await client.offsets(connector.name)).length > 0, {
    timeoutMs: 30_000,
    what: 'the first offset to be stored',
  });
});
afterAll(async () => {
  await Promise.all([inventory.drop(), sales.drop()]);
  await examined.close();
});

/** On databases of its own. */
function doctor(
  words: readonly string[],
  env: Record<string, string> = {},
  run: 'outbox' | 'outboxProcess' = 'outbox',
): Promise<Ended> {
  const { outbox } = examined;
  return outbox[run](['doctor', '--dir', outbox.folder, ...words], {
    INVENTORY_OPS_DATABASE_URL: inventory.opsUrl,
    SALES_OPS_DATABASE_URL: sales.opsUrl,
    ...env,
  });
}

async function serverFindings(): Promise<string[]> {
  const [server] = await findPostgresServers(examined.pipeline);
  if (server === undefined) throw new Error('The server was not found.');
  return findingsOf(serverSection(server));
}

function connectFindings(
  names = internalTopics as { configs: string; offsets: string; status: string },
): Promise<string[]> {
  const { pipeline } = examined;
  const cluster = readCluster(testKafka(), Object.values(names));
  return findingsOf(connectSection(pipeline, names, cluster));
}

test('a pipeline that runs has nothing wrong, anywhere', async () => {
  expect(await examined.findings()).toEqual([]);
});

test('as a command: the inventory has no connector file here, and all else is well', async () => {
  const ended = await doctor(['--json'], {}, 'outboxProcess');
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  const { counts, sections } = JSON.parse(ended.stdout) as {
    counts: Record<string, number>;
    sections: ExaminedSection[];
  };
  expect(counts).toMatchObject({ problem: 1, unreachable: 0 });
  expect(sections.map(({ title }) => title)).toContain(`Postgres database ${inventory.database} (inventory)`);
  expect(sections.flatMap(({ lines }) => lines).filter(({ verdict }) => verdict === 'problem')).toEqual([
    {
      check: 'publication',
      verdict: 'problem',
      sentence: `No connector file reads database ${inventory.database}: its events go nowhere.`,
      remedy: 'Write connectors/inventory-outbox.json (connectors/README.md).',
    },
  ]);
});

test('what can not be reached is a line each, nothing crashes, and the exit code is 3', async () => {
  const ended = await doctor([], {
    CONNECT_URL: `http://${NOWHERE}`,
    KAFKA_BROKERS: NOWHERE,
    REGISTRY_URL: `http://${NOWHERE}/apis/ccompat/v7`,
    ORDERS_OPS_DATABASE_URL: `postgres://orders_ops:x@${NOWHERE}/orders`,
  });
  expect(ended).toMatchObject({ code: 3, stderr: '' });
  const sections = ended.stdout.split('\n\n').map((text) => text.split('\n'));
  const unreachable = sections.filter(([, first]) => /^ {2}problem {2}reachable/.test(first ?? ''));
  expect(unreachable.map(([title]) => title)).toEqual([
    'Postgres database orders',
    `Kafka Connect http://${NOWHERE}`,
    'Kafka',
    `Schema registry ${NOWHERE}`,
  ]);
  for (const lines of unreachable)
    expect(lines.slice(2)).toEqual([
      expect.stringMatching(/^ +→ Start/),
      expect.stringMatching(/^ {2}skipped {2}not looked at +\w+, /),
    ]);
  // The rest was looked at all the same; the fifth problem is that the inventory has no connector file here.
  expect(ended.stdout).toContain(
    `Postgres database ${inventory.database} (inventory)\n  ok       migrations`,
  );
  expect(sections.at(-1)).toEqual([
    expect.stringMatching(/^5 problems, \d+ warnings?, \d+ ok, \d+ not looked at\.$/),
    '',
  ]);
});

test('an address that is none is a usage error', async () => {
  expect(await doctor(['--connect', 'nonsense'])).toMatchObject({ code: 2, stdout: '' });
});

test('a worker that shows all of its environment is found out, without its values', async () => {
  const { client } = examined.outbox;
  expect(await judgeAllowList(client)).toMatchObject({ verdict: 'ok' });
  // As a worker without an allow-list would answer: the same validation, with the value of a variable that it lets through.
  const verdicts = await client.validate({
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    name: 'doctor',
    'tasks.max': '${env:CDC_DB_SSLMODE} ${env:HOME} ${env:LANG}',
  });
  const judged = judgeResolved(verdicts);
  expect(judged).toMatchObject({
    verdict: 'problem',
    sentence: expect.stringContaining("can read PATH of the worker's environment") as string,
  });
  expect(JSON.stringify(judged)).not.toContain('disable');
});

test("the worker's own topics: one that is not compacted, one that is not there", async () => {
  expect(await connectFindings()).toEqual([]);
  const { topicPrefix } = examined.outbox;
  expect(
    await connectFindings({
      configs: 'connect-configs',
      offsets: `${topicPrefix}orders.events`,
      status: 'nowhere',
    }),
  ).toEqual([
    expect.stringMatching(
      /^problem internal topics: \S+orders\.events: cleanup\.policy is delete: the worker forgets where/,
    ),
    expect.stringMatching(/^warning internal topics: There is no topic nowhere/),
  ]);
});

test('Kafka out of reach leaves the rest of the worker to be looked at', async () => {
  const { pipeline } = examined;
  const cluster = Promise.reject<Cluster>(new Error('Kafka is away'));
  expect(await findingsOf(connectSection(pipeline, internalTopics, cluster))).toEqual([
    'skipped kafka: Kafka was not reached',
    'skipped internal topics: Kafka was not reached',
  ]);
});

test('clocks of one machine agree', async () => {
  const servers = await findPostgresServers(examined.pipeline);
  expect(await findingsOf(clockSection(examined.pipeline, servers))).toEqual([]);
  const connect = createConnectClient({ url: `http://${NOWHERE}` });
  expect(await findingsOf(clockSection({ ...examined.pipeline, connect }, servers))).toEqual([
    'skipped Kafka Connect: not reached',
  ]);
});

test('a connector that differs from its file, is stopped, or is gone', async () => {
  const { client, connector, slot, admin } = examined.outbox;
  await client.updateConfig(connector.name, { ...connector.config, 'max.batch.size': '1024' });
  expect(await connectFindings()).toContainEqual(
    `warning connectors: ${connector.name} is not as its file says: max.batch.size 1024 → 1.`,
  );
  await client.updateConfig(connector.name, connector.config);

  await client.stop(connector.name);
  await waitUntil(
    async () =>
      (
        await admin.query({
          text: 'select from pg_replication_slots where slot_name = $1 and not active',
          values: [slot],
        })
      ).rowCount === 1,
    { timeoutMs: 30_000, what: 'the slot to be let go' },
  );
  expect(await connectFindings()).toContainEqual(
    `problem connectors: ${connector.name} is STOPPED: somebody told it to be.`,
  );
  expect(await serverFindings()).toEqual([
    expect.stringMatching(new RegExp(`^warning own slots: Nobody reads ${slot} since \\d+ (ms|s)`)),
  ]);

  await client.delete(connector.name);
  expect(await connectFindings()).toContainEqual(`problem connectors: ${connector.name} is not registered.`);
});
