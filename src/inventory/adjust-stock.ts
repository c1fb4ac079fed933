import { inventoryEvents } from '../contracts/inventory-events.ts';
import type { Encoder } from '../events/encoder.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { newEvent, type OutboxEvent } from '../outbox/outbox-event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { inTransaction, type Transaction } from '../platform/postgres/transaction.ts';
import type { StockLevel } from './decide-stock.ts';
import { createMissingStock } from './sql/create-missing-stock.ts';
import { type Adjustment, insertAdjustments } from './sql/insert-adjustments.ts';
import { lockStock } from './sql/lock-stock.ts';
import { writeStock } from './sql/write-stock.ts';

/** What a person counted: `onHand` pieces, reserved ones included. */
export interface StockCount {
  readonly sku: string;
  readonly onHand: number;
  readonly reason?: string | undefined;
}

/** A count is lower than what is promised to orders; nothing was changed. */
export class StockBelowReserved extends Error {
  readonly shortfalls: readonly {
    readonly sku: string;
    readonly onHand: number;
    readonly reserved: number;
  }[];

  constructor(shortfalls: StockBelowReserved['shortfalls']) {
    super(
      shortfalls
        .map(
          ({ sku, onHand, reserved }) => `${sku}: ${onHand} is less than the ${reserved} reserved for orders`,
        )
        .join('; '),
    );
    this.name = 'StockBelowReserved';
    this.shortfalls = shortfalls;
  }
}

export interface AdjustStock {
  readonly pool: Pool;
  readonly encoder: Encoder;
  readonly clock: Clock;
}

/**
 * Sets the stock of these skus, all or none, in one transaction of its own: rows, records and one StockAdjusted a sku. A sku
 * seen first is entered; a count equal to what is there says nothing. Safe to repeat. Each sku may stand once.
 * @returns the levels afterwards and how many skus changed
 * @throws StockBelowReserved
 */
export async function adjustStock(
  { pool, encoder, clock }: AdjustStock,
  counts: readonly StockCount[],
  traceparent: string | null,
): Promise<{ readonly levels: ReadonlyMap<string, StockLevel>; readonly changed: number }> {
  return inTransaction(
    pool,
    async (tx) => {
      const { before, created } = await lockCounted(tx, counts);
      const { levels, adjustments } = decideCounts(before, created, counts);
      const now = clock();
      await writeStock(tx, new Map(adjustments.map(({ sku }) => [sku, levelOf(levels, sku)])));
      await insertAdjustments(tx, adjustments, now);
      await appendEvents(
        tx,
        encoder,
        adjustments.map((adjustment) => adjustedEvent(adjustment, now, traceparent)),
      );
      return { levels, changed: adjustments.length };
    },
    { searchPath: ['inventory'] },
  );
}

async function lockCounted(
  tx: Transaction,
  counts: readonly StockCount[],
): Promise<{ before: Map<string, StockLevel>; created: Set<string> }> {
  const skus = counts.map(({ sku }) => sku);
  const created = await createMissingStock(tx, skus);
  return { before: await lockStock(tx, skus), created };
}

/** Pure. `created`: the skus whose empty row was made for this count; entering one is a change even when nothing is there. */
export function decideCounts(
  before: ReadonlyMap<string, StockLevel>,
  created: ReadonlySet<string>,
  counts: readonly StockCount[],
): { levels: Map<string, StockLevel>; adjustments: Adjustment[] } {
  const shortfalls = counts.flatMap(({ sku, onHand }) => {
    const { reserved } = levelOf(before, sku);
    return onHand < reserved ? [{ sku, onHand, reserved }] : [];
  });
  if (shortfalls.length > 0) throw new StockBelowReserved(shortfalls);
  const adjustments = counts.flatMap(({ sku, onHand, reason }) => {
    const delta = onHand - levelOf(before, sku).onHand;
    return delta === 0 && !created.has(sku) ? [] : [{ sku, onHand, delta, reason: reason ?? null }];
  });
  const levels = new Map(
    counts.map(({ sku, onHand }) => [sku, { onHand, reserved: levelOf(before, sku).reserved }]),
  );
  return { levels, adjustments };
}

const levelOf = (levels: ReadonlyMap<string, StockLevel>, sku: string): StockLevel =>
  levels.get(sku) ?? { onHand: 0, reserved: 0 };

function adjustedEvent(adjustment: Adjustment, now: Date, traceparent: string | null): OutboxEvent {
  return newEvent(inventoryEvents.events.StockAdjusted, {
    key: adjustment.sku,
    aggregateId: adjustment.sku,
    payload: { ...adjustment, adjustedAt: now.getTime() },
    occurredAt: now,
    traceparent,
  });
}
