import type { Statement } from '../../platform/postgres/statement.ts';
import type { PlacedOrder } from '../order.ts';

/** One statement for any number of orders. */
export function insertOrders(orders: readonly PlacedOrder[]): Statement {
  return {
    name: 'insert_orders',
    text: `
      insert into orders (order_id, customer_id, status, country, currency, lines, total_minor, reference, placed_at)
      select order_id, customer_id, 'PLACED', country, currency, lines, total_minor, reference, placed_at
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bigint[], $7::text[], $8::timestamptz[])
        as placed (order_id, customer_id, country, currency, lines, total_minor, reference, placed_at)`,
    values: [
      orders.map((order) => order.orderId),
      orders.map((order) => order.customerId),
      orders.map((order) => order.country),
      orders.map((order) => order.currency),
      orders.map((order) => JSON.stringify(order.lines)),
      orders.map((order) => order.totalMinor),
      orders.map((order) => order.reference),
      orders.map((order) => order.placedAt),
    ],
  };
}
