import { randomUUID } from 'node:crypto';
import type { ConsumedEvent, Effect } from '../../../src/consumer/define-consumer.ts';
import { inventoryEvents } from '../../../src/contracts/inventory-events.ts';
import { createDecoder } from '../../../src/events/decoder.ts';
import { createEncoder } from '../../../src/events/encoder.ts';
import type { Encoder } from '../../../src/events/encoder.ts';
import { adjustStock } from '../../../src/inventory/adjust-stock.ts';
import { applyStock } from '../../../src/inventory/apply-stock.ts';
import type { StockChange } from '../../../src/inventory/decide-stock.ts';
import { loadEventSchemas } from '../../../src/outbox/load-event-schemas.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createPool } from '../../../src/platform/postgres/pool.ts';
import type { Pool } from '../../../src/platform/postgres/pool.ts';
import type { Queryable } from '../../../src/platform/postgres/statement.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';

export const now = new Date('2026-03-01T12:00:00Z');
export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** An event of this key that asks for this change; its id is new unless given. */
export function effectOf(
  change: StockChange,
  key: string,
  eventId: string = randomUUID(),
): Effect<StockChange> {
  const event: ConsumedEvent = {
    type: change.kind,
    payload: {},
    eventId,
    key,
    keySeq: 1,
    aggregateId: change.kind === 'restock' ? change.returnId : change.orderId,
    occurredAt: now,
    traceparent,
    topic: 'orders.events',
    partition: 0,
    offset: 0,
  };
  return { event, change };
}

export const line = (sku: string, quantity: number) => ({ sku, quantity });

/** One batch in a transaction of its own, as the consumer runtime calls it. */
export function applyBatch(
  pool: Pool,
  encoder: Encoder,
  effects: readonly Effect<StockChange>[],
): Promise<readonly string[]> {
  return inTransaction(pool, (tx) => applyStock(tx, encoder, effects, { now, consumer: 'inventory' }), {
    searchPath: ['inventory'],
  });
}

export async function encoderOf(db: Queryable): Promise<Encoder> {
  return createEncoder(await loadEventSchemas(db, Object.values(inventoryEvents.events)));
}

export async function seed(pool: Pool, encoder: Encoder, stock: Record<string, number>): Promise<void> {
  const counts = Object.entries(stock).map(([sku, onHand]) => ({ sku, onHand }));
  await adjustStock({ pool, encoder, clock: () => now }, counts, null);
}

export async function readStock(db: Queryable): Promise<Record<string, [onHand: number, reserved: number]>> {
  const { rows } = await db.query<{ sku: string; on_hand: number; reserved: number }>({
    text: 'select sku, on_hand, reserved from inventory.stock order by sku',
  });
  return Object.fromEntries(rows.map((row) => [row.sku, [row.on_hand, row.reserved]]));
}

export interface SaidEvent {
  readonly type: string;
  readonly key: string;
  readonly keySeq: number;
  readonly eventId: string;
  readonly aggregateId: string;
  readonly traceparent: string | null;
  readonly payload: unknown;
}

/** The outbox in the order of its ids, payloads decoded as a reader would. `except` leaves out one type. */
export async function readOutbox(db: Queryable, except = ''): Promise<SaidEvent[]> {
  const { rows } = await db.query<Omit<SaidEvent, 'payload'> & { payload: Buffer; fingerprint: string }>({
    text: `select event_type as type, partition_key as key, key_seq as "keySeq", event_id as "eventId",
             aggregate_id as "aggregateId", traceparent, payload, schema_fingerprint as fingerprint
           from pipeline.outbox where topic = 'inventory.events' and event_type <> $1 order by id`,
    values: [except],
  });
  return Promise.all(
    rows.map(async ({ payload, fingerprint, ...row }) => {
      const event = Object.values(inventoryEvents.events).find(({ type }) => type === row.type);
      if (event === undefined) throw new Error(`The outbox holds the unknown type ${row.type}.`);
      const decoder = createDecoder({
        events: inventoryEvents.events,
        writerSchema: () => Promise.resolve(event.avroType),
      });
      return {
        ...row,
        payload: await decoder.decode({ type: row.type, value: payload, schemaFingerprint: fingerprint }),
      };
    }),
  );
}

/** An empty inventory again, much faster than a new database. As the superuser: the service may not delete. */
export async function emptyInventory(adminUrl: string): Promise<void> {
  const admin = createPool({ connectionString: adminUrl, applicationName: 'test', log: silentLog, max: 1 });
  await admin.query({
    text: `
      with stock as (delete from inventory.stock), reservations as (delete from inventory.reservations),
        restocks as (delete from inventory.restocks), counts as (delete from inventory_facts.stock_adjustments),
        keys as (delete from pipeline.outbox_keys)
      delete from pipeline.outbox`,
  });
  await admin.end();
}
