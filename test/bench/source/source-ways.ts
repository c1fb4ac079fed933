import type { OrdersContext } from '../../../src/orders/orders-context.ts';
import { ordersSchema } from '../../../src/orders/orders-context.ts';
import { totalOf } from '../../../src/orders/order.ts';
import { placeOrders } from '../../../src/orders/place-orders.ts';
import type { PlaceOrder } from '../../../src/orders/place-orders.ts';
import { insertOrders } from '../../../src/orders/sql/insert-orders.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';

/** What an order is committed with. */
export interface SourceWay {
  readonly name: 'no-outbox' | 'outbox' | 'connector';
  /** For the report, after the name. */
  readonly describes: string;
  /** Whether a connector reads the outbox from the log meanwhile. */
  readonly streams: boolean;
  /** One transaction. */
  readonly place: (context: OrdersContext, request: PlaceOrder) => Promise<unknown>;
}

const placeOne = (context: OrdersContext, request: PlaceOrder): Promise<unknown> =>
  placeOrders(context, [request]);

/** Each against the one before it. */
export const sourceWays: readonly SourceWay[] = [
  {
    name: 'no-outbox',
    describes: 'the order’s row alone, in a transaction of its own',
    streams: false,
    place: insertAlone,
  },
  {
    name: 'outbox',
    describes:
      'the transaction of POST /orders: its key’s sequence and its event in the outbox as well; no slot',
    streams: false,
    place: placeOne,
  },
  {
    name: 'connector',
    describes: 'the same, and the connector reads it from its slot meanwhile, on the same machine',
    streams: true,
    place: placeOne,
  },
];

/** As placeOrders, but nobody is told. */
async function insertAlone({ pool, clock, newId }: OrdersContext, { order }: PlaceOrder): Promise<void> {
  const placed = { ...order, orderId: newId(), placedAt: clock(), totalMinor: totalOf(order.lines) };
  await inTransaction(pool, (tx) => tx.commitWith([insertOrders([placed])]), { searchPath: [ordersSchema] });
}
