import { randomUUID } from 'node:crypto';
import type { EachBatchPayload } from 'kafkajs';
import { readEnvelope } from '../../../src/consumer/read-envelope.ts';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createDecoder } from '../../../src/events/decoder.ts';
import type { Decoder } from '../../../src/events/decoder.ts';
import { readRegistryAccess } from '../../../src/events/registry-access.ts';
import { writerSchemasFrom } from '../../../src/events/registry.ts';
import { testKafka, testStackEnv } from '../../support/test-stack.ts';
import { openFilledTopics } from '../apply/open-filled-topics.ts';
import { unlessStopped } from '../bench-stack.ts';
import { meterWork } from '../meter-work.ts';
import type { Stage, StageFigures, StageOptions } from './stage.ts';

export const consumeStage: Stage = {
  name: 'consume',
  describes:
    'kafkajs in one process reads a full topic, headers and Avro are decoded, and nothing is done with it',
  measure: measureConsume,
};

const CONSUMER = 'consumer';
const GIVE_UP_AFTER_MS = 300_000;

/** Reads the topic twice: the first time warms up. */
async function measureConsume({ orders, seed }: StageOptions, stopping: AbortSignal): Promise<StageFigures> {
  const topicPrefix = await openFilledTopics({ orders, customers: 30_000, skus: 1_000, seed });
  stopping.throwIfAborted();
  const topic = `${topicPrefix}orders.events`;
  const decoder = createDecoder({
    events: ordersEvents.events,
    writerSchema: writerSchemasFrom(readRegistryAccess(testStackEnv())),
  });
  await readAll(topic, { orders, decoder, stopping });
  const { result, ...reading } = await meterWork({ own: CONSUMER }, () =>
    readAll(topic, { orders, decoder, stopping }),
  );
  return { perSecond: result, events: orders, ...reading };
}

/** @returns records a second after the first portion, which starts the clock */
async function readAll(
  topic: string,
  { orders, decoder, stopping }: { orders: number; decoder: Decoder; stopping: AbortSignal },
): Promise<number> {
  const consumer = testKafka().consumer({
    groupId: `bench-consume-${randomUUID()}`,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  });
  const { promise: through, resolve, reject } = Promise.withResolvers<number>();
  // What fails before it is looked at fails when it is.
  through.catch(() => undefined);
  const timer = setTimeout(
    () => reject(new Error(`${topic} was not read within ${GIVE_UP_AFTER_MS / 1e3} s.`)),
    GIVE_UP_AFTER_MS,
  );
  let [read, first, began] = [0, 0, 0];
  const eachBatch = async (given: EachBatchPayload): Promise<void> => {
    const { batch } = given;
    await decodeBatch(batch, decoder);
    read += batch.messages.length;
    if (first === 0) [first, began] = [read, performance.now()];
    if (read >= orders) resolve(((read - first) / Math.max(1, performance.now() - began)) * 1e3);
    await given.heartbeat();
  };
  try {
    await consumer.connect();
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
    return await unlessStopped(stopping, through);
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

async function decodeBatch({ topic, partition, messages }: EachBatchPayload['batch'], decoder: Decoder) {
  const place = { topic, partition };
  await Promise.all(
    messages.map((message) => {
      const { type, value, schemaFingerprint } = readEnvelope(message, place);
      return decoder.decode({ type, value, schemaFingerprint });
    }),
  );
}
