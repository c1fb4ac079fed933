import { waitUntil } from '../../src/platform/wait-until.ts';
import { testKafka } from './test-stack.ts';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything that the topic holds now, by partition and offset. */
export async function readTopic(topic: string, timeoutMs = 30_000): Promise<TopicRecord[]> {
  const kafka = testKafka();
  const admin = kafka.admin();
  await admin.connect();
  // The leader of a topic that has just been made may not know of it for a moment.
  const bounds = await waitUntil(() => admin.fetchTopicOffsets(topic), {
    timeoutMs,
    everyMs: 100,
    what: `the ends of ${topic}`,
  });
  const ends = new Map(bounds.map(({ partition, high }) => [partition, Number(high)]));
  const groupId = `read-topic-${Math.random().toString(36).slice(2)}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const records: TopicRecord[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ partition, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      records.push({
        partition,
        offset: Number(message.offset),
        key: String(message.key),
        value: message.value ?? Buffer.alloc(0),
        headers: Object.fromEntries(headers) as Record<string, string>,
      });
      return Promise.resolve();
    },
  });
  const total = bounds.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  await waitUntil(
    () => records.filter(({ partition, offset }) => offset < (ends.get(partition) ?? 0)).length === total,
    {
      timeoutMs,
      what: `${total} records of ${topic}`,
    },
  );
  await consumer.disconnect();
  await admin.deleteGroups([groupId]);
  await admin.disconnect();
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
