import { v7 } from 'uuid';
import type { Invariant } from './invariants/invariants.ts';
import { cancelled, confirmed, rejected, returned } from './shop-at-rest.ts';
import type { ServiceName } from './test-pipeline.ts';

/** Statements that spoil a shop at rest (fillShopAtRest), and what they break. */
export interface PlantedViolation {
  readonly what: string;
  /** Whose database; as the superuser. */
  readonly service: ServiceName;
  readonly text: string;
  /** The one it was planted for, first; what else it breaks. */
  readonly breaks: readonly [Invariant, ...Invariant[]];
}

/** The last event of key ann waits in the queue of sales instead of having been applied. */
export const HOLD_ANN = `
  insert into pipeline.parked_keys (consumer, topic, key, state, partition, code, reason, since, events)
  values ('sales', 'orders.events', 'ann', 'parked', 0, 'event_handler_failed', 'planted', now(), 1);
  insert into pipeline.parked_events
    (consumer, topic, key, event_id, key_seq, partition, kafka_offset, headers, parked_at)
  select consumer, topic, key, event_id, 4, partition, kafka_offset, '{}', now()
  from pipeline.processed_events where key = 'ann' order by kafka_offset desc limit 1;
  delete from pipeline.processed_events where event_id in (select event_id from pipeline.parked_events);
  update pipeline.consumer_keys set last_seq = 3 where key = 'ann'`;

const copyOfOrder = (values: string): string =>
  `insert into orders.orders select (jsonb_populate_record(o, '${values}')).* from orders.orders o where order_id = '${confirmed}'`;
/** As a repair does: a new row of the same event. */
export const republish = (seq = 'key_seq'): string =>
  `insert into pipeline.outbox
     (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
   select event_id, topic, partition_key, ${seq}, event_type, aggregate_id, payload, schema_fingerprint, occurred_at
   from pipeline.outbox`;
/** Another event of the same content, which nobody has read. */
const sayAgain = (type: string, seq: number, key = 'ann'): string =>
  `insert into pipeline.outbox
     (event_id, topic, partition_key, key_seq, event_type, aggregate_id, payload, schema_fingerprint, occurred_at)
   select uuidv7(), topic, partition_key, ${seq}, event_type, aggregate_id, payload, schema_fingerprint, occurred_at
   from pipeline.outbox where event_type = '${type}' and partition_key = '${key}' limit 1;
   update pipeline.outbox_keys set last_seq = ${seq} where key = '${key}'`;

export const plantedViolations: readonly PlantedViolation[] = [
  {
    what: 'an acknowledged order that is gone',
    service: 'orders',
    text: `delete from orders.orders where order_id = '${rejected}'`,
    breaks: ['acknowledged-once', 'placed-said-once', 'answered-once'],
  },
  {
    what: 'an order that was taken twice',
    service: 'orders',
    text: copyOfOrder(`{"order_id": "${v7()}"}`),
    breaks: [
      'acknowledged-once',
      'placed-said-once',
      'outcome-said-once',
      'answered-once',
      'stock-conserved',
      'sales-counted',
      'sales-added-up',
    ],
  },
  {
    what: 'an order that nobody was told of',
    service: 'orders',
    text: `update orders.orders set reference = 'stranger' where order_id = '${rejected}'`,
    breaks: ['acknowledged-once'],
  },
  {
    what: 'a cancelled order that is confirmed again',
    service: 'orders',
    text: `update orders.orders set status = 'CONFIRMED', cancelled_at = null where order_id = '${cancelled}'`,
    breaks: [
      'cancelled-stays-cancelled',
      'outcome-said-once',
      'answered-once',
      'stock-conserved',
      'sales-counted',
      'sales-added-up',
    ],
  },
  {
    what: 'an order that was never decided',
    service: 'orders',
    text: `update orders.orders set status = 'PLACED', settled_at = null, rejection = null where order_id = '${rejected}'`,
    breaks: ['settled', 'outcome-said-once', 'answered-once'],
  },
  {
    what: 'a return that nobody was told of',
    service: 'orders',
    text: `insert into orders.returns values
             ('${v7()}', '${confirmed}', 'ann', 'France', 'GBP', '[{"sku": "lamp", "quantity": 1}]', 250, now())`,
    breaks: ['returned-once', 'return-said-once', 'stock-conserved', 'sales-counted'],
  },
  {
    what: 'an acknowledged return that is gone',
    service: 'orders',
    text: 'delete from orders.returns',
    breaks: ['returned-once', 'return-said-once', 'stock-conserved', 'sales-counted'],
  },
  {
    what: 'a return without its event',
    service: 'orders',
    text: `delete from pipeline.outbox where event_type = 'ItemsReturned'`,
    breaks: ['return-said-once', 'processed-was-said', 'said-without-gap'],
  },
  {
    what: 'a return that was said twice',
    service: 'orders',
    text: sayAgain('ItemsReturned', 2, returned),
    breaks: ['return-said-once', 'event-processed', 'audit-clean'],
  },
  {
    what: 'an event of no return',
    service: 'orders',
    text: `insert into orders.returns select (jsonb_populate_record(r, '{"return_id": "${v7()}"}')).* from orders.returns r;
           delete from orders.returns where return_id = '${returned}'`,
    breaks: ['return-said-once', 'returned-once'],
  },
  {
    what: 'an order without its event',
    service: 'orders',
    text: `delete from pipeline.outbox where event_type = 'OrderPlaced' and aggregate_id = '${confirmed}'`,
    breaks: ['placed-said-once', 'processed-was-said', 'said-without-gap'],
  },
  {
    what: 'an order placed twice in the outbox',
    service: 'orders',
    text: sayAgain('OrderPlaced', 5),
    breaks: ['placed-said-once', 'event-processed', 'audit-clean'],
  },
  {
    what: 'an event of no order',
    service: 'orders',
    text: `update pipeline.outbox set aggregate_id = '${v7()}' where event_type = 'OrderPlaced' and partition_key = 'ann'`,
    breaks: ['placed-said-once'],
  },
  {
    what: 'an order confirmed twice',
    service: 'orders',
    text: sayAgain('OrderConfirmed', 5),
    breaks: ['outcome-said-once', 'event-processed', 'audit-clean'],
  },
  {
    what: 'a reservation answered twice',
    service: 'inventory',
    text: sayAgain('StockReserved', 3),
    breaks: ['answered-once', 'event-processed', 'audit-clean'],
  },
  {
    what: 'a row that was republished under another sequence',
    service: 'orders',
    text: `${republish('key_seq + 9')} where partition_key = 'ann' limit 1`,
    breaks: ['said-without-gap'],
  },
  {
    what: 'a cancelled order whose stock was never released',
    service: 'inventory',
    text: `update pipeline.outbox set aggregate_id = '${rejected}' where event_type = 'StockReleased'`,
    breaks: ['answered-once'],
  },
  ...(['orders', 'inventory', 'sales'] as const).map((service): PlantedViolation => ({
    what: `an event that ${service} has not processed`,
    service,
    text: 'delete from pipeline.processed_events where kafka_offset = 1',
    breaks: ['event-processed', 'audit-clean', 'read-without-gap'],
  })),
  {
    what: 'a consumer that the audit would not ask',
    service: 'sales',
    text: 'delete from pipeline.consumer_subscriptions',
    breaks: ['audit-clean'],
  },
  {
    what: 'a key that is held, though nothing was planted',
    service: 'sales',
    text: HOLD_ANN,
    breaks: ['held-as-planted'],
  },
  {
    what: 'an event processed that nobody said',
    service: 'sales',
    text: `insert into pipeline.processed_events values ('sales', '${v7()}', 'ignored', 'orders.events', 'ann', 0, 99, now());
           update pipeline.consumer_keys set last_seq = last_seq + 1 where key = 'ann'`,
    breaks: ['processed-was-said'],
  },
  {
    what: 'a sequence that is left out',
    service: 'inventory',
    text: `update pipeline.outbox set key_seq = 3 where partition_key = 'ann' and key_seq = 2;
           update pipeline.outbox_keys set last_seq = 3 where key = 'ann'`,
    breaks: ['said-without-gap'],
  },
  {
    what: 'a counter that ran ahead',
    service: 'orders',
    text: `update pipeline.outbox_keys set last_seq = 9 where key = 'ann'`,
    breaks: ['said-without-gap'],
  },
  {
    what: 'a consumer that skipped the beginning of a key',
    service: 'inventory',
    text: `update pipeline.consumer_keys set base_seq = 2 where key = 'ann'`,
    breaks: ['read-without-gap'],
  },
  {
    what: 'the first event of a key that was committed after the others',
    service: 'sales',
    text: `update pipeline.processed_events set outcome = 'applied' where key = 'ann' and kafka_offset = 0`,
    breaks: ['applied-in-order'],
  },
  {
    what: 'more reserved than there is',
    service: 'inventory',
    text: 'update inventory.stock set reserved = 11',
    breaks: ['stock-never-negative', 'stock-conserved', 'stock-has-records'],
  },
  {
    what: 'a piece reserved for nobody',
    service: 'inventory',
    text: 'update inventory.stock set reserved = reserved + 1',
    breaks: ['stock-conserved', 'stock-has-records'],
  },
  {
    what: 'a piece that came from nowhere',
    service: 'inventory',
    text: 'update inventory.stock set on_hand = on_hand + 1',
    breaks: ['stock-conserved', 'stock-has-records'],
  },
  {
    what: 'a released reservation that is held again',
    service: 'inventory',
    text: `update inventory.reservations set state = 'RESERVED' where state = 'RELEASED'`,
    breaks: ['stock-has-records'],
  },
  {
    what: 'an order counted twice by sales',
    service: 'sales',
    text: 'update sales.sales_by_day set orders = 2',
    breaks: ['sales-counted'],
  },
  {
    what: 'a sum of sales that is off by one',
    service: 'sales',
    text: 'update sales.sales_by_day set revenue_minor = revenue_minor + 1',
    breaks: ['sales-added-up'],
  },
];
