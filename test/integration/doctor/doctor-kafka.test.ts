import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { accessOf } from '../../../src/events/registry-access.ts';
import { heartbeatTopicOf } from '../../../src/operate/doctor/check-topics.ts';
import { kafkaSection } from '../../../src/operate/doctor/examine-kafka.ts';
import {
  readRegistered,
  readSchemaFiles,
  registrySection,
} from '../../../src/operate/doctor/examine-schemas.ts';
import type { OperatedPipeline } from '../../../src/operate/operated-pipeline.ts';
import { readCluster } from '../../../src/platform/kafka/read-cluster.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { createExaminedOutbox, findingsOf, type ExaminedOutbox } from '../../support/examined-outbox.ts';
import { testKafka } from '../../support/test-stack.ts';

let examined: ExaminedOutbox;
let admin: Admin;

beforeAll(async () => {
  examined = await createExaminedOutbox();
  admin = testKafka().admin();
  await admin.connect();
});
afterAll(async () => {
  await admin.disconnect();
  await examined.close();
});

const topic = (name: string): string => `${examined.outbox.topicPrefix}${name}`;

function kafkaFindings(changes: Partial<OperatedPipeline> = {}): Promise<string[]> {
  const pipeline = { ...examined.pipeline, ...changes };
  const heartbeats = pipeline.connectors.map((connector) => heartbeatTopicOf(connector) ?? '');
  const names = [...pipeline.topics.map(({ name }) => name), ...heartbeats];
  return findingsOf(kafkaSection(pipeline, readCluster(pipeline.kafka, names)));
}

/** Replaces all of the topic's own settings. The controller answers before the broker has them. */
async function configure(name: string, settings: Record<string, string>): Promise<void> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic(name) };
  const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  await waitUntil(
    async () => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
      const own = (resources[0]?.configEntries ?? []).filter(
        ({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG,
      );
      return (
        own.length === configEntries.length &&
        own.every(({ configName, configValue }) => settings[configName] === configValue)
      );
    },
    { timeoutMs: 60_000, everyMs: 50, what: `the settings of ${name}` },
  );
}

const declared = { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 86_400_000) };

test('topics as declared on one broker have nothing wrong', async () => {
  expect(await kafkaFindings()).toEqual([]);
});

test.each([
  [
    { ...declared, 'retention.ms': '3600000' },
    [/^problem topic settings: .+orders\.events: retention\.ms is 60 min, the catalogue says 7 days/],
  ],
  [
    { ...declared, 'cleanup.policy': 'compact' },
    [/^problem topic settings: .+cleanup\.policy is compact, the catalogue says delete/],
  ],
  [{ ...declared, 'retention.bytes': '1048576' }, [/^warning topic settings: .+retention\.bytes is 1\.0 MB/]],
  [
    { ...declared, 'compression.type': 'zstd' },
    [/^problem topic settings: .+compression\.type is zstd, which the consumers can not read/],
  ],
  [
    { ...declared, 'max.message.bytes': '500000' },
    [/^problem record size: .+takes records up to 488 kB only/],
  ],
  [
    { ...declared, 'min.insync.replicas': '2' },
    [/^problem copies: .+min\.insync\.replicas is 2 with 1 copies/, /^problem copies: .+too few copies up/],
  ],
  [
    { ...declared, 'retention.ms': '-1' },
    [/^problem topic settings: .+retention\.ms is -1/, /^problem memory of events: .+is kept for ever/],
  ],
])('a topic with %j: it says so', async (settings, found) => {
  await configure('orders.events', settings);
  try {
    expect(await kafkaFindings()).toEqual(found.map((one) => expect.stringMatching(one) as string));
  } finally {
    await configure('orders.events', declared);
  }
});

test('a segment that stays open for a month outlives what consumers remember', async () => {
  await configure('orders.events', { ...declared, 'segment.ms': String(30 * 86_400_000) });
  try {
    expect(await kafkaFindings()).toEqual([
      expect.stringMatching(
        /^problem memory of events: .+can come again after 51 days, and consumers remember 28/,
      ),
    ]);
  } finally {
    await configure('orders.events', declared);
  }
});

test('topics that are missing, of other partitions, or without heartbeats are named', async () => {
  const { pipeline } = examined;
  const [connector] = pipeline.connectors;
  if (connector === undefined) throw new Error('There is no connector.');
  const config = { ...connector.file.config, 'topic.prefix': 'other' };
  const found = await kafkaFindings({
    topics: [
      { name: topic('orders.events'), partitions: 9, config: {} },
      { name: topic('inventory.events'), partitions: 2, config: {} },
      { name: topic('not.there'), partitions: 1, config: {} },
    ],
    connectors: [{ ...connector, file: { ...connector.file, config } }],
  });
  expect(found).toEqual([
    expect.stringMatching(/^problem topics: \S+not\.there does not exist/),
    expect.stringMatching(/^problem partitions: \S+orders\.events has 4 partitions, the catalogue says 9/),
    expect.stringMatching(/^problem partitions: \S+inventory\.events has 4 partitions, the catalogue says 2/),
    expect.stringMatching(/^problem heartbeats: \S+heartbeat\.other does not exist/),
  ]);
});

describe('the registry', () => {
  let folder: string;
  const topicName = `d${Date.now()}.events`;
  const subject = `${topicName}-test.doctor.Thing`;
  const record = (fields: readonly unknown[]): string =>
    JSON.stringify({ type: 'record', name: 'Thing', namespace: 'test.doctor', fields });
  const first = record([{ name: 'a', type: 'string' }]);
  const second = record([
    { name: 'a', type: 'string' },
    { name: 'b', type: 'int', default: 0 },
  ]);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'schemas-'));
    mkdirSync(join(folder, topicName));
    write(1, first);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (version: number, text: string): void =>
    writeFileSync(join(folder, topicName, `Thing.v${version}.avsc`), text);
  const files = (): ReturnType<typeof readSchemaFiles> => readSchemaFiles(pathToFileURL(`${folder}/`));

  function registryFindings(): Promise<string[]> {
    const { pipeline } = examined;
    return findingsOf(registrySection(pipeline, files(), readRegistered(pipeline.registry, files())));
  }

  /** As another program would; the compatibility is what ours sets. */
  async function tell(method: string, path: string, body: unknown): Promise<void> {
    const { status } = await fetch(`${accessOf(examined.pipeline.registry).url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(status).toBe(200);
  }
  const register = async (schema: string): Promise<void> => {
    await tell('POST', `/subjects/${subject}/versions`, { schema });
    await tell('PUT', `/config/${subject}`, { compatibility: 'BACKWARD_TRANSITIVE' });
  };

  test('says what is not registered, was edited, is newer, or may become incompatible', async () => {
    expect(await registryFindings()).toEqual([
      `problem subjects: Thing v1 is not registered under ${subject}.`,
    ]);

    await register(first);
    expect(await registryFindings()).toEqual([]);

    write(1, record([{ name: 'edited', type: 'string' }]));
    expect(await registryFindings()).toEqual([
      'problem subjects: Thing v1 was registered with other content: its file has been edited since.',
    ]);
    write(1, first);

    write(2, second);
    await register(second);
    expect(await registryFindings()).toEqual([]);
    rmSync(join(folder, topicName, 'Thing.v2.avsc'));
    expect(await registryFindings()).toEqual([
      `warning unknown versions: ${subject} has version 2 that is not in schemas/: this checkout is older than the registry.`,
    ]);
    write(2, second);

    await tell('PUT', `/config/${subject}`, { compatibility: 'NONE' });
    expect(await registryFindings()).toEqual([
      expect.stringMatching(/^problem compatibility: \S+ has compatibility NONE/),
    ]);
  });
});
