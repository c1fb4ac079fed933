import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { readTopicEnds } from '../../../src/platform/kafka/read-topic-ends.ts';
import { readTopic } from '../../support/read-topic.ts';
import type { TopicRecord } from '../../support/read-topic.ts';
import { testKafka } from '../../support/test-stack.ts';
import { chosen } from '../fault.ts';
import type { Fault } from '../fault.ts';
import { waitInStorm } from '../storm.ts';
import type { Storm } from '../storm.ts';
import { poisonKinds } from './poison-kinds.ts';
import { eventTopics, produceRecords, withAdmin } from './topic-access.ts';

const DUPLICATES = 10_000;
const MOST_PARTITIONS = 8;

const duplicates: Fault = {
  name: 'duplicates',
  what: `${DUPLICATES} records of a topic are written into it once more`,
  holdMs: [0, 0],
  weight: 1,
  async strike(storm, strike) {
    const topic = `${storm.pipeline.topicPrefix}${chosen(strike, eventTopics)}`;
    const records = (await readTopic(topic)).filter(({ headers }) => headers['id'] !== undefined);
    if (records.length === 0) return { skipped: 'there was nothing to write again' };
    const again = Array.from({ length: DUPLICATES }, (_, index) => records[index % records.length]);
    await produceRecords(topic, again as TopicRecord[]);
    return `${DUPLICATES} in ${topic.replace(storm.pipeline.topicPrefix, '')}`;
  },
};

const poison: Fault = {
  name: 'poison',
  what: 'a record that nobody can read, of one kind or another, is written into orders.events under a key of its own; both its consumers must hold that key',
  holdMs: [0, 0],
  weight: 1,
  async strike(storm, strike) {
    const key = `poison-${strike.number}`;
    const [kind, value] = chosen(strike, poisonKinds);
    const headers = {
      ...{ id: v7(), eventType: 'ItemsReturned', aggregateId: key, keySeq: '1' },
      schemaFingerprint: ordersEvents.events.ItemsReturned.fingerprint,
      ...{ occurredAt: new Date().toISOString(), traceparent: '' },
    };
    const schemaId = await writtenId(storm);
    const record = { key, value: value(schemaId), partition: strike.number % 4, headers };
    await produceRecords(`${storm.pipeline.topicPrefix}orders.events`, [record]);
    storm.planted.push({ consumer: 'inventory', key }, { consumer: 'sales', key });
    return `${key}, ${kind}`;
  },
};

/** Under which the order service writes the event. */
async function writtenId({ pipeline }: Storm): Promise<number> {
  const { subject, version } = ordersEvents.events.ItemsReturned;
  const { rows } = await pipeline.databases.orders.pool.query<{ id: number }>({
    text: 'select schema_id as id from pipeline.event_schemas where subject = $1 and version = $2',
    values: [subject, version],
  });
  return rows[0]?.id ?? 0;
}

const partitionsAdded: Fault = {
  name: 'partitions-added',
  what: 'a topic gets one more partition, so that keys move; up to 8',
  holdMs: [0, 1_000],
  weight: 0.5,
  async strike(storm, strike) {
    const topic = `${storm.pipeline.topicPrefix}${chosen(strike, eventTopics)}`;
    const partitions = (await readTopicEnds(testKafka(), [topic])).get(topic)?.size ?? 0;
    if (partitions >= MOST_PARTITIONS) return { skipped: `it has ${partitions} already` };
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

export const topicFaults: readonly Fault[] = [duplicates, poison, partitionsAdded, groupReset];
