import type { OrdersContext } from '../../../src/orders/orders-context.ts';
import { ordersSchema } from '../../../src/orders/orders-context.ts';
import { totalOf } from '../../../src/orders/order.ts';
import { placeOrders } from '../../../src/orders/place-orders.ts';
import type { PlaceOrder } from '../../../src/orders/place-orders.ts';
import { insertOrders } from '../../../src/orders/sql/insert-orders.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';

/** What an order is committed with. */
export interface SourceWay {
  readonly name: 'no-outbox' | 'outbox' | 'connector' | 'polling';
  /** For the report, after the name. */
  readonly describes: string;
  /** The way that tells what this one loses. */
  readonly against?: SourceWay['name'];
  /** Who brings the outbox to Kafka meanwhile. */
  readonly reader?: 'connector' | 'polling';
  /** One transaction. */
  readonly place: (context: OrdersContext, request: PlaceOrder) => Promise<unknown>;
}

const placeOne = (context: OrdersContext, request: PlaceOrder): Promise<unknown> =>
  placeOrders(context, [request]);

export const sourceWays: readonly SourceWay[] = [
  {
    name: 'no-outbox',
    describes: 'the order’s row alone, in a transaction of its own',
    place: insertAlone,
  },
  {
    name: 'outbox',
    describes:
      'the transaction of POST /orders: its key’s sequence and its event in the outbox as well; nobody reads it',
    against: 'no-outbox',
    place: placeOne,
  },
  {
    name: 'connector',
    describes: 'the same, and the connector reads it from the log meanwhile',
    against: 'outbox',
    reader: 'connector',
    place: placeOne,
  },
  {
    name: 'polling',
    describes: 'the same, and a relay asks for it every 10 ms and deletes it, 500 rows at a time',
    against: 'outbox',
    reader: 'polling',
    place: placeOne,
  },
];

/** As placeOrders, but nobody is told. */
async function insertAlone({ pool, clock, newId }: OrdersContext, { order }: PlaceOrder): Promise<void> {
  const placed = { ...order, orderId: newId(), placedAt: clock(), totalMinor: totalOf(order.lines) };
  await inTransaction(pool, (tx) => tx.commitWith([insertOrders([placed])]), { searchPath: [ordersSchema] });
}
