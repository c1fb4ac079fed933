import { testKafka } from '../../support/test-stack.ts';
import type { ServiceName } from '../../support/test-pipeline.ts';

export const eventTopics = ['orders.events', 'inventory.events'] as const;
export type EventTopic = (typeof eventTopics)[number];

/** Services whose consumers, named like them, read the topic. */
export const readersOf: Readonly<Record<EventTopic, readonly ServiceName[]>> = {
  'orders.events': ['inventory', 'sales'],
  'inventory.events': ['orders'],
};

type Admin = ReturnType<ReturnType<typeof testKafka>['admin']>;

export async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = testKafka().admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export interface RecordToWrite {
  readonly key: string;
  readonly value: Buffer;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

export async function produceRecords(topic: string, records: readonly RecordToWrite[]): Promise<void> {
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
