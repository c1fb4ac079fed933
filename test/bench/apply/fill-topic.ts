import { v7 } from 'uuid';
import { ordersEvents } from '../../../src/contracts/orders-events.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import type { Encoder } from '../../../src/events/encoder.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { testKafka } from '../../support/test-stack.ts';
import { orderStream } from './order-stream.ts';
import type { OrderStreamOptions, StreamedOrder } from './order-stream.ts';

const { OrderPlaced } = ordersEvents.events;
const MESSAGES_A_REQUEST = 2_000;

/** Writes the orders to the topic as the outbox connector would: Avro with the registry's ids, and every header it sets. */
export async function fillTopic(topic: string, options: OrderStreamOptions): Promise<void> {
  const encoder = await encoderOfOrders();
  // Cuts the records to the partitions by the hash of the key that Java clients use, and so Kafka Connect.
  const producer = testKafka().producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    const orders = orderStream(options, { newId: () => v7(), placedAt: Date.now() });
    for (const batch of inBatches(orders, MESSAGES_A_REQUEST))
      await producer.send({ topic, acks: -1, messages: batch.map((order) => recordOf(order, encoder)) });
  } finally {
    await producer.disconnect();
  }
}

/** The ids under which the registry knows the schemas, from a database of the order service, as the service gets them. */
async function encoderOfOrders(): Promise<Encoder> {
  const database = await createTestDatabase('orders');
  try {
    return createEncoder(await loadEventSchemas(database.pool, [OrderPlaced]));
  } finally {
    await database.drop();
  }
}

function recordOf({ keySeq, payload }: StreamedOrder, encoder: Encoder) {
  const occurredAt = new Date(payload.placedAt);
  return {
    key: payload.customerId,
    value: encoder.encode(OrderPlaced, payload),
    headers: {
      id: v7(),
      eventType: OrderPlaced.type,
      aggregateId: payload.orderId,
      keySeq: String(keySeq),
      schemaFingerprint: OrderPlaced.fingerprint,
      occurredAt: occurredAt.toISOString(),
      traceparent: `00-${payload.orderId.replaceAll('-', '')}-${payload.orderId.slice(19).replaceAll('-', '')}-01`,
      readAt: String(payload.placedAt),
    },
  };
}

function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
