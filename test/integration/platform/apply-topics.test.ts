import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { topicPlanLines } from '../../../src/cli/topics/show-topic-plan.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { applyTopics, readTopicPlan } from '../../../src/platform/kafka/topic-admin.ts';
import type { TopicSpec } from '../../../src/platform/kafka/topic-plan.ts';
import { testKafka } from '../../support/test-stack.ts';
import { uniquePrefix } from '../../support/test-topics.ts';

const kafka = testKafka();
let admin: Admin;
let topicPrefix: string;
let name: string;

beforeAll(async () => {
  admin = kafka.admin();
  await admin.connect();
});
afterAll(async () => {
  await admin.disconnect();
});
beforeEach(() => {
  topicPrefix = uniquePrefix();
  name = `${topicPrefix}parcels`;
});

const spec = (changes: Partial<TopicSpec> = {}): TopicSpec => ({
  name,
  partitions: 2,
  config: { 'retention.ms': '86400000' },
  ...changes,
});
const apply = (specs: TopicSpec[], acceptReordering = false) =>
  applyTopics(kafka, specs, { replicationFactor: 1, log: silentLog, acceptReordering });
const plan = (specs: TopicSpec[], replicationFactor = 1) =>
  readTopicPlan(kafka, specs, { topicPrefix, replicationFactor });

async function settingOf(setting: string): Promise<string | undefined> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] });
  return resources[0]?.configEntries.find(({ configName }) => configName === setting)?.configValue;
}

async function partitions(): Promise<number | undefined> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return topics[0]?.partitions.length;
}

/** As an operator would, with kafka-configs. */
async function set(config: Record<string, string>): Promise<void> {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] });
}

test('what is missing is planned, made, and then there is nothing to do', async () => {
  expect((await plan([spec()])).topics).toMatchObject([{ isMissing: true }]);
  expect(await apply([spec()])).toEqual([{ name, done: 'created' }]);
  const { topics, undeclared } = await plan([spec()]);
  expect(topicPlanLines(topics, undeclared)).toEqual([
    `= ${name}  unchanged`,
    'Nothing to do: 1 topics are as declared.',
  ]);
  expect(await apply([spec()])).toEqual([{ name, done: 'unchanged' }]);
});

test('a declared setting is mended, and what an operator set beside it stays', async () => {
  await apply([spec()]);
  await set({ 'retention.ms': '1000', 'max.message.bytes': '2000000' });
  const { topics } = await plan([spec()]);
  expect(topicPlanLines(topics, [])).toEqual([
    `~ ${name}  differs`,
    '    retention.ms: 1000 → 86400000',
    '    kept, set by others: max.message.bytes=2000000',
    '1 of 1 topics are not as declared. Run: npx outbox topics apply',
  ]);
  expect(await apply([spec()])).toEqual([{ name, done: 'configured' }]);
  expect(await settingOf('retention.ms')).toBe('86400000');
  expect(await settingOf('max.message.bytes')).toBe('2000000');
});

test('a topic grows only when it is accepted that keys move, and is else left as it was', async () => {
  await apply([spec()]);
  await set({ 'retention.ms': '1000' });
  const grown = spec({ partitions: 3 });
  const { topics } = await plan([grown]);
  expect(topicPlanLines(topics, []).join(' ').replaceAll(/\s+/g, ' ')).toContain(
    'partitions: 2 → 3, which moves keys to other partitions',
  );
  await expect(apply([grown])).rejects.toMatchObject({
    code: 'topic_mismatch',
    message: `Topic ${name} has 2 partitions; the catalogue declares 3.`,
    remedy: expect.stringContaining('npx outbox topics apply --accept-reordering') as string,
  });
  expect([await partitions(), await settingOf('retention.ms')]).toEqual([2, '1000']);
  expect(await apply([grown], true)).toEqual([{ name, done: 'grown' }]);
  expect([await partitions(), await settingOf('retention.ms')]).toEqual([3, '86400000']);
});

test('partitions are never taken away; then nothing that exists is changed, but what is missing is created', async () => {
  await apply([spec({ partitions: 3 })]);
  const other = spec({ name: `${topicPrefix}other` });
  await expect(apply([spec({ config: { 'retention.ms': '1000' } }), other], true)).rejects.toMatchObject({
    code: 'topic_mismatch',
    remedy: expect.stringContaining('can not be taken away') as string,
  });
  expect(await admin.listTopics()).toContain(other.name);
  expect(await settingOf('retention.ms')).toBe('86400000');
  const { topics } = await plan([spec()]);
  expect(topicPlanLines(topics, []).at(-1)).toBe('1 of 1 topics differ in what apply can not change.');
});

test('other copies than declared, and topics that are declared nowhere, are told and left alone', async () => {
  await apply([spec(), spec({ name: `${topicPrefix}stranger` })]);
  const { topics, undeclared } = await plan([spec()], 3);
  expect(topics).toMatchObject([{ replicationFactor: { from: 1, to: 3 } }]);
  expect(undeclared).toEqual([`${topicPrefix}stranger`]);
  expect(topicPlanLines(topics, undeclared)).toContain(
    `  ${topicPrefix}stranger  is declared nowhere; it is left alone`,
  );
  await apply([spec()]);
  expect(await admin.listTopics()).toContain(`${topicPrefix}stranger`);
});
