import { v7 } from 'uuid';
import type { Pool } from '../../src/platform/postgres/pool.ts';
import type { AcknowledgedOrder } from './shop-load.ts';

type Service = 'orders' | 'inventory' | 'sales';
type Planters = Readonly<Record<Service, Pool>>;

export const [confirmed, rejected, cancelled, returned] = [v7(), v7(), v7(), v7()];
export const acknowledged: readonly AcknowledgedOrder[] = [
  { reference: 'first', orderId: confirmed, cancelled: false },
  { reference: 'second', orderId: rejected, cancelled: false },
  { reference: 'third', orderId: cancelled, cancelled: true },
];

/** Key, sequence, aggregate and type of what was said; a guest's third order and return are keys of their own. */
const saidByOrders = [
  ['ann', 1, confirmed, 'OrderPlaced'],
  ['ann', 2, rejected, 'OrderPlaced'],
  ['ann', 3, confirmed, 'OrderConfirmed'],
  ['ann', 4, rejected, 'OrderRejected'],
  [cancelled, 1, cancelled, 'OrderPlaced'],
  [cancelled, 2, cancelled, 'OrderConfirmed'],
  [cancelled, 3, cancelled, 'OrderCancelled'],
  [returned, 1, returned, 'ItemsReturned'],
] as const;
const saidByInventory = [
  ['lamp', 1, 'lamp', 'StockAdjusted'],
  ['ann', 1, confirmed, 'StockReserved'],
  ['ann', 2, rejected, 'StockRejected'],
  [cancelled, 1, cancelled, 'StockReserved'],
  [cancelled, 2, cancelled, 'StockReleased'],
  [returned, 1, returned, 'StockRestocked'],
] as const;
type Said = readonly (typeof saidByOrders | typeof saidByInventory)[number][];

async function fillOutbox(database: Pool, topic: string, said: Said, ids: readonly string[]): Promise<void> {
  for (const [index, [key, seq, aggregate, type]] of said.entries())
    await database.query({
      text: `insert into pipeline.outbox
               (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
             values ($1, $2, $3, $4, $5, $6, '', '', now())`,
      values: [ids[index], topic, key, seq, type, aggregate],
    });
  await database.query({
    text: `insert into pipeline.outbox_keys
           select topic, partition_key, max(key_seq) from pipeline.outbox group by 1, 2`,
  });
}

async function fillConsumer(
  planters: Planters,
  consumer: Service,
  topic: string,
  said: Said,
  ids: readonly string[],
): Promise<void> {
  await planters[consumer].query({
    text: `insert into pipeline.consumer_subscriptions
           select $1, $2, type, '2020-01-01' from unnest($3::text[]) as type on conflict do nothing`,
    values: [consumer, topic, [...new Set(said.map(([, , , type]) => type))]],
  });
  for (const [index, [key, seq]] of said.entries()) {
    await planters[consumer].query({
      text: `insert into pipeline.processed_events values ($1, $2, 'ignored', $3, $4, 0, $5, now())`,
      values: [consumer, ids[index], topic, key, index],
    });
    await planters[consumer].query({
      text: `insert into pipeline.consumer_keys values ($1, $2, $3, 1, $4)
             on conflict (consumer, topic, key) do update set last_seq = excluded.last_seq`,
      values: [consumer, topic, key, seq],
    });
  }
}

const lines = JSON.stringify([{ sku: 'lamp', quantity: 2, unitPriceMinor: 250 }]);
const returnedLines = JSON.stringify([{ sku: 'lamp', quantity: 1, unitPriceMinor: 250 }]);
const DAY = '2026-03-04';

/** A millisecond apart: what a topic was cut off from goes by the time in an id. */
const idsOf = (said: Said): string[] => {
  const now = Date.now();
  return said.map((_, index) => v7({ msecs: now + index }));
};

async function fillOrders(planters: Planters): Promise<void> {
  for (const [id, reference, status] of [
    [confirmed, 'first', 'CONFIRMED'],
    [rejected, 'second', 'REJECTED'],
    [cancelled, 'third', 'CANCELLED'],
  ])
    await planters.orders.query({
      text: `insert into orders.orders
               (order_id, customer_id, status, country, currency, lines, total_minor, reference, placed_at, settled_at,
                rejection, cancelled_at)
             values ($1, 'ann', $3, 'France', 'GBP', $4, 500, $2, $5, now(),
                case when $3 = 'REJECTED' then '[]'::jsonb end, case when $3 = 'CANCELLED' then $6::timestamptz end)`,
      values: [id, reference, status, lines, `${DAY}T12:00:00Z`, `${DAY}T13:00:00Z`],
    });
  await planters.orders.query({
    text: `insert into orders.returns values ($1, null, null, 'France', 'GBP', $2, 250, $3)`,
    values: [returned, returnedLines, `${DAY}T12:00:00Z`],
  });
}

async function fillStock(planters: Planters): Promise<void> {
  const { inventory } = planters;
  await inventory.query({ text: `insert into inventory.stock values ('lamp', 10, 2)` });
  await inventory.query({
    text: `insert into inventory_facts.stock_adjustments (sku, delta, on_hand, adjusted_at) values ('lamp', 9, 9, now())`,
  });
  await inventory.query({
    text: 'insert into inventory.restocks values ($1, $2, now())',
    values: [returned, returnedLines],
  });
  await inventory.query({
    text: `insert into inventory.reservations
           values ($1, 'RESERVED', $4, now()), ($2, 'REJECTED', $4, now()), ($3, 'RELEASED', $4, now())`,
    values: [confirmed, rejected, cancelled, lines],
  });
}

/**
 * Replaces all rows by those of a shop at rest in which all is well: one order confirmed, one rejected, one cancelled after
 * it was confirmed, and a return. @param planters as the superuser
 */
export async function fillShopAtRest(planters: Planters): Promise<void> {
  await planters.orders.query({
    text: `truncate orders.orders, orders.returns, pipeline.outbox, pipeline.outbox_keys, pipeline.processed_events,
           pipeline.consumer_keys, pipeline.parked_keys, pipeline.parked_events`,
  });
  await planters.inventory.query({
    text: `truncate inventory.stock, inventory.reservations, inventory.restocks, inventory_facts.stock_adjustments,
           pipeline.outbox, pipeline.outbox_keys, pipeline.processed_events, pipeline.consumer_keys,
           pipeline.parked_keys, pipeline.parked_events`,
  });
  await planters.sales.query({
    text: `truncate sales.sales_by_day, pipeline.processed_events, pipeline.consumer_keys, pipeline.parked_keys,
           pipeline.parked_events`,
  });
  const [orderEvents, stockEvents] = [idsOf(saidByOrders), idsOf(saidByInventory)];
  await fillOrders(planters);
  await fillStock(planters);
  await planters.sales.query({
    text: `insert into sales.sales_by_day values ('France', $1, 'GBP', 1, 2, 500, 1, 1, 250)`,
    values: [DAY],
  });
  await fillOutbox(planters.orders, 'orders.events', saidByOrders, orderEvents);
  await fillOutbox(planters.inventory, 'inventory.events', saidByInventory, stockEvents);
  await fillConsumer(planters, 'inventory', 'orders.events', saidByOrders, orderEvents);
  await fillConsumer(planters, 'sales', 'orders.events', saidByOrders, orderEvents);
  await fillConsumer(planters, 'orders', 'inventory.events', saidByInventory, stockEvents);
}
