import type { Producer } from 'kafkajs';
import { v7 } from 'uuid';
import { orderPlaced } from '../../../../src/orders/order-events.ts';
import { totalOf } from '../../../../src/orders/order.ts';
import type { PlacedOrder } from '../../../../src/orders/order.ts';
import type { OrdersContext } from '../../../../src/orders/orders-context.ts';
import type { PlaceOrder } from '../../../../src/orders/place-orders.ts';
import { insertOrders } from '../../../../src/orders/sql/insert-orders.ts';
import type { OutboxEvent } from '../../../../src/outbox/outbox-event.ts';
import { inTransaction } from '../../../../src/platform/postgres/transaction.ts';
import type { Transaction } from '../../../../src/platform/postgres/transaction.ts';
import { recordOf } from './outbox-record.ts';

/**
 * The dual write: the order's transaction, and then its event straight to Kafka. If the process dies between the two, the order is
 * there and nobody will ever hear of it.
 */
export async function placeAndProduce(
  { pool, encoder, clock, newId }: OrdersContext,
  { producer, topicPrefix }: { producer: Producer; topicPrefix: string },
  { order: content, traceparent }: PlaceOrder,
): Promise<PlacedOrder> {
  const placedAt = clock();
  const order = { ...content, orderId: newId(), placedAt, totalMinor: totalOf(content.lines) };
  const event = orderPlaced(order, traceparent);
  const keySeq = await inTransaction(
    pool,
    async (tx) => {
      await tx.query(insertOrders([order]));
      return nextSequence(tx, event);
    },
    { searchPath: ['orders'] },
  );
  const id = v7();
  const record = recordOf(
    {
      id,
      event_id: id,
      topic: event.definition.topic,
      partition_key: event.key,
      key_seq: keySeq,
      event_type: event.definition.type,
      aggregate_id: event.aggregateId,
      payload: encoder.encode(event.definition, event.payload),
      schema_fingerprint: event.definition.fingerprint,
      traceparent,
      occurred_at: placedAt,
    },
    Date.now(),
  );
  await producer.send({ topic: topicPrefix + event.definition.topic, acks: -1, messages: [record] });
  return order;
}

/** As in the outbox's statement: readers expect the events of a key to be numbered. */
async function nextSequence(tx: Transaction, { definition, key }: OutboxEvent): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>({
    name: 'bench_next_sequence',
    text: `insert into pipeline.outbox_keys as existing (topic, key, last_seq) values ($1, $2, 1)
           on conflict (topic, key) do update set last_seq = existing.last_seq + 1 returning last_seq as seq`,
    values: [definition.topic, key],
  });
  return rows[0]?.seq ?? 0;
}
