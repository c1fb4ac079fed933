import { v7 } from 'uuid';
import type { ConsumedEvent, Effect } from '../../../src/consumer/define-consumer.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Settlement, SettlementOutcome } from '../../../src/orders/settle-orders.ts';
import { settleOrders } from '../../../src/orders/settle-orders.ts';
import type { OrdersOverHttp } from './orders-over-http.ts';

let offset = 0;

export function effectOf(change: Settlement, key = 'c1'): Effect<Settlement> {
  const event: ConsumedEvent = {
    type: change.status === 'CONFIRMED' ? 'StockReserved' : 'StockRejected',
    payload: {},
    eventId: v7(),
    key,
    keySeq: 1,
    aggregateId: change.orderId,
    occurredAt: new Date(),
    traceparent: null,
    topic: 'inventory.events',
    partition: 0,
    offset: offset++,
  };
  return { event, change };
}

/** What the consumer's runtime does with a batch of the inventory's answers, without Kafka. */
export async function settle(
  { context }: OrdersOverHttp,
  ...effects: readonly Effect<Settlement>[]
): Promise<SettlementOutcome[]> {
  return inTransaction(
    context.pool,
    (tx) => settleOrders(tx, context.encoder, effects, { now: new Date(), consumer: 'orders' }),
    { searchPath: ['orders'] },
  );
}
