import { followTopics, readTopicToEnd } from '../../../src/platform/kafka/follow-topics.ts';
import type { TopicRecord } from '../../../src/platform/kafka/follow-topics.ts';
import { waitUntil } from '../../../src/platform/wait-until.ts';
import { testKafka } from '../../support/test-stack.ts';
import { createTopics, uniquePrefix } from '../../support/test-topics.ts';

const prefix = uniquePrefix();
const topic = `${prefix}followed`;
const kafka = testKafka();
const producer = kafka.producer();

beforeAll(async () => {
  await createTopics(prefix, [{ name: 'followed', partitions: 2 }]);
  await producer.connect();
  await say('one', 'two', 'three');
});
afterAll(() => producer.disconnect());

async function say(...values: string[]): Promise<void> {
  const messages = values.map((value, index) => ({
    key: 'k',
    value,
    partition: index % 2,
    headers: { id: value },
  }));
  await producer.send({ topic, messages });
}

const valuesOf = (records: readonly TopicRecord[]): string[] =>
  records.map(({ value }) => String(value)).sort();

test('a topic is read from its beginning to its end, by partition and offset', async () => {
  const records = await readTopicToEnd(kafka, topic);
  expect(records.map(({ partition, offset, value }) => [partition, offset, String(value)])).toEqual([
    [0, 0, 'one'],
    [0, 1, 'three'],
    [1, 0, 'two'],
  ]);
  expect(records[0]).toMatchObject({ topic, headers: { id: 'one' }, key: Buffer.from('k') });
});

test('an empty range is an empty list, at once', async () => {
  expect(await readTopicToEnd(kafka, topic, { from: 'end' })).toEqual([]);
});

test('who follows from the end misses nothing that is written after the call, and sees nothing older', async () => {
  const seen: TopicRecord[] = [];
  const following = await followTopics({
    kafka,
    topics: [topic],
    from: 'end',
    onRecord: (r) => void seen.push(r),
  });
  const before = Date.now();
  await say('four', 'five');
  await waitUntil(() => seen.length >= 2, { timeoutMs: 30_000, what: 'both records' });
  await following.stop();
  expect(valuesOf(seen)).toEqual(['five', 'four']);

  expect(valuesOf(await readTopicToEnd(kafka, topic, { from: { time: before } }))).toEqual(['five', 'four']);
  expect(valuesOf(await readTopicToEnd(kafka, topic, { from: { offset: 1 } }))).toEqual([
    'five',
    'four',
    'three',
  ]);
});

test('who follows a topic that is deleted and made again reads the new one from its beginning', async () => {
  await createTopics(prefix, [{ name: 'remade', partitions: 1 }]);
  const remade = `${prefix}remade`;
  const sayThere = async (...values: string[]) => {
    await producer.send({ topic: remade, messages: values.map((value) => ({ value })) });
  };
  await sayThere('old', 'older', 'oldest');
  const seen: TopicRecord[] = [];
  const following = await followTopics({
    kafka,
    topics: [remade],
    from: 'end',
    onRecord: (r) => void seen.push(r),
  });
  await sayThere('last');
  await waitUntil(() => seen.length === 1, { timeoutMs: 30_000, what: 'the last record' });
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [remade] });
  await waitUntil(
    async () => {
      await createTopics(prefix, [{ name: 'remade', partitions: 1 }]);
      return true;
    },
    { timeoutMs: 30_000, what: 'the topic to be made again' },
  );
  await admin.disconnect();
  await waitUntil(
    async () => {
      await sayThere('new');
      return true;
    },
    { timeoutMs: 30_000, what: 'a record in the new topic' },
  );
  await waitUntil(() => seen.length === 2, { timeoutMs: 60_000, what: 'the new record' });
  await following.stop();
  expect(valuesOf(seen)).toEqual(['last', 'new']);
});
