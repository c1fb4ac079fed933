import { inventoryEvents } from '../contracts/inventory-events.ts';
import type { ConsumedEvent, Effect } from '../consumer/define-consumer.ts';
import type { Encoder } from '../events/encoder.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { newEvent, type OutboxEvent } from '../outbox/outbox-event.ts';
import { replyEventId } from '../outbox/reply-event-id.ts';
import { inOneRoundTrip } from '../platform/postgres/in-one-round-trip.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import { decideStock, type StockChange, type StockReply, type StockState } from './decide-stock.ts';
import { createMissingStock } from './sql/create-missing-stock.ts';
import { findRestocked } from './sql/find-restocked.ts';
import { insertRestocks } from './sql/insert-restocks.ts';
import { lockReservations } from './sql/lock-reservations.ts';
import { lockStock } from './sql/lock-stock.ts';
import { writeReservations } from './sql/write-reservations.ts';
import { writeStock } from './sql/write-stock.ts';

/**
 * Applies a batch to the stock inside the batch's transaction: lock what is decided on, decide in memory, write sets, say
 * the replies. At most nine statements whatever the number of effects; those about returns and releases only when there are any.
 * Order of locks: reservations, new stock rows, stock by sku, then (in appendEvents) the keys of the replies.
 */
export async function applyStock(
  tx: Transaction,
  encoder: Encoder,
  effects: readonly Effect<StockChange>[],
  context: { readonly now: Date; readonly consumer: string },
): Promise<readonly string[]> {
  const changes = effects.map((effect) => effect.change);
  const decision = decideStock(await lockState(tx, changes), changes, context.now.getTime());
  const replies = effects.flatMap(({ event }, i) => {
    const reply = decision.verdicts[i]?.reply;
    return reply === undefined ? [] : [replyEvent(reply, event, context)];
  });
  await inOneRoundTrip([
    writeStock(tx, decision.stock),
    writeReservations(tx, decision.reservations, context.now),
    insertRestocks(tx, decision.restocks, context.now),
    appendEvents(tx, encoder, replies),
  ]);
  return decision.verdicts.map((verdict) => verdict.outcome);
}

async function lockState(tx: Transaction, changes: readonly StockChange[]): Promise<StockState> {
  const orderIds = new Set<string>();
  const returnIds: string[] = [];
  const skus = new Set<string>();
  const returnedSkus = new Set<string>();
  for (const change of changes) {
    if (change.kind === 'restock') returnIds.push(change.returnId);
    else orderIds.add(change.orderId);
    if (change.kind === 'release') continue;
    for (const { sku } of change.lines) (change.kind === 'restock' ? returnedSkus : skus).add(sku);
  }
  // No row of a reservation says which stock is needed: both are locked in the same order, without waiting in between.
  if (changes.every(({ kind }) => kind === 'reserve')) {
    const [reservations, stock] = await inOneRoundTrip([
      lockReservations(tx, [...orderIds]),
      lockStock(tx, [...skus]),
    ]);
    return { stock, reservations, restocked: new Set() };
  }
  const reservations = await lockReservations(tx, [...orderIds]);
  // What an earlier batch reserved is given back by its own lines.
  for (const { lines } of reservations.values()) for (const { sku } of lines) skus.add(sku);
  const restocked = await findRestocked(tx, returnIds);
  await createMissingStock(tx, [...returnedSkus]);
  const stock = await lockStock(tx, [...skus.union(returnedSkus)]);
  return { stock, reservations, restocked };
}

/** Under the cause's key, so that whoever asked reads the answers in the order of the questions. */
function replyEvent(
  reply: StockReply,
  cause: ConsumedEvent,
  { now, consumer }: { readonly now: Date; readonly consumer: string },
): OutboxEvent {
  const common = {
    key: cause.key,
    aggregateId: cause.aggregateId,
    occurredAt: now,
    // The same answer on a second try: the same id, so nobody hears it twice.
    eventId: replyEventId(consumer, cause.eventId, reply.type),
    traceparent: cause.traceparent,
  };
  const { StockReserved, StockRejected, StockReleased, StockRestocked } = inventoryEvents.events;
  switch (reply.type) {
    case 'StockReserved':
      return newEvent(StockReserved, { ...common, payload: reply.payload });
    case 'StockRejected':
      return newEvent(StockRejected, { ...common, payload: reply.payload });
    case 'StockReleased':
      return newEvent(StockReleased, { ...common, payload: reply.payload });
    case 'StockRestocked':
      return newEvent(StockRestocked, { ...common, payload: reply.payload });
  }
}
