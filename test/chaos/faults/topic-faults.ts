import { readTopicEnds } from '../../../src/platform/kafka/read-topic-ends.ts';
import { readTopic } from '../../support/read-topic.ts';
import type { TopicRecord } from '../../support/read-topic.ts';
import { testKafka } from '../../support/test-stack.ts';
import { chosen } from '../fault.ts';
import type { Fault } from '../fault.ts';
import { waitInStorm } from '../storm.ts';
import type { Storm } from '../storm.ts';

const DUPLICATES = 10_000;
const MOST_PARTITIONS = 8;

const duplicates: Fault = {
  name: 'duplicates',
  what: `${DUPLICATES} records of a topic are written into it once more`,
  holdMs: [0, 0],
  weight: 1,
  async strike(storm, strike) {
    const topic = `${storm.pipeline.topicPrefix}${chosen(strike, ['orders.events', 'inventory.events'])}`;
    const records = (await readTopic(topic)).filter(({ headers }) => headers['id'] !== undefined);
    if (records.length === 0) return 'there was nothing to write again';
    const again = Array.from({ length: DUPLICATES }, (_, index) => records[index % records.length]);
    await produce(topic, again as TopicRecord[]);
    return `${DUPLICATES} in ${topic.replace(storm.pipeline.topicPrefix, '')}`;
  },
};

async function produce(topic: string, records: readonly Omit<TopicRecord, 'offset'>[]): Promise<void> {
  const producer = testKafka().producer();
  await producer.connect();
  try {
    for (let from = 0; from < records.length; from += 1_000) {
      const messages = records
        .slice(from, from + 1_000)
        .map(({ key, value, partition, headers }) => ({ key, value, partition, headers: { ...headers } }));
      await producer.send({ topic, messages, acks: -1 });
    }
  } finally {
    await producer.disconnect();
  }
}

const poison: Fault = {
  name: 'poison',
  what: 'a record that nobody can read is written into orders.events under a key of its own; both its consumers must hold that key',
  holdMs: [0, 0],
  weight: 1,
  async strike(storm, { number, choice }) {
    const key = `poison-${number}`;
    const value = Buffer.from([0, 255, 255, 255, 255, Math.floor(choice * 256)]);
    // Without an id, as no outbox would write it.
    const record = { key, value, partition: number % 4, headers: { eventType: 'OrderPlaced', keySeq: '1' } };
    await produce(`${storm.pipeline.topicPrefix}orders.events`, [record]);
    storm.planted.push({ consumer: 'inventory', key }, { consumer: 'sales', key });
    return key;
  },
};

const partitionsAdded: Fault = {
  name: 'partitions-added',
  what: 'a topic gets one more partition, so that keys move; up to 8',
  holdMs: [0, 1_000],
  weight: 0.5,
  async strike(storm, strike) {
    const topic = `${storm.pipeline.topicPrefix}${chosen(strike, ['orders.events', 'inventory.events'])}`;
    const partitions = (await readTopicEnds(testKafka(), [topic])).get(topic)?.size ?? 0;
    if (partitions >= MOST_PARTITIONS) return `it has ${partitions} already`;
    await withAdmin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: partitions + 1 }] }),
    );
    await storm.hold(strike.holdMs);
    return `${topic.replace(storm.pipeline.topicPrefix, '')} has ${partitions + 1}`;
  },
};

const groupReset: Fault = {
  name: 'group-offsets-reset',
  what: 'a consumer is stopped, the offsets of its group are set to the beginning, and it is started again',
  holdMs: [0, 1_000],
  weight: 1,
  async strike(storm, strike) {
    const name = chosen(strike, ['sales', 'inventory', 'orders']);
    const topic = `${storm.pipeline.topicPrefix}${name === 'orders' ? 'inventory' : 'orders'}.events`;
    await storm.pipeline.service(name).end('SIGTERM');
    try {
      await resetWhenEmpty(storm, `${storm.pipeline.topicPrefix}${name}`, topic);
      await storm.hold(strike.holdMs);
    } finally {
      await storm.pipeline.restart(name);
    }
    return name;
  },
};

async function resetWhenEmpty(storm: Storm, groupId: string, topic: string): Promise<void> {
  const reset = () => withAdmin((admin) => admin.resetOffsets({ groupId, topic, earliest: true }));
  await waitInStorm(
    storm,
    async () => {
      await reset();
      return true;
    },
    { timeoutMs: 60_000, everyMs: 500, what: `group ${groupId} to be empty and its offsets to be reset` },
  );
}

type Admin = ReturnType<ReturnType<typeof testKafka>['admin']>;

async function withAdmin(work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export const topicFaults: readonly Fault[] = [duplicates, poison, partitionsAdded, groupReset];
