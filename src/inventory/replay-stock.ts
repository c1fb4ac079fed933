import type { StockLine } from '../contracts/generated/inventory-events.ts';
import { type Reservation, type StockChange, type StockLevel, sumBySku } from './decide-stock.ts';

/** What an event asks of the stock, and what was answered when it happened. */
export interface RecordedChange {
  readonly change: StockChange;
  readonly outcome: string;
  readonly appliedAt: Date;
}

/** What the recorded answers come to: what to add to the levels, and the records behind them. */
export interface ReplayedStock {
  readonly moves: ReadonlyMap<string, StockLevel>;
  readonly reservations: ReadonlyMap<string, Reservation & { readonly decidedAt: Date }>;
  readonly restocks: ReadonlyMap<
    string,
    { readonly lines: readonly StockLine[]; readonly restockedAt: Date }
  >;
  /** For each change why its answer can not be one to it; undefined where it can. Such a change moves nothing. */
  readonly misfits: readonly (string | undefined)[];
}

type Draft = {
  readonly earlier: ReadonlyMap<string, Reservation>;
  readonly restocked: ReadonlySet<string>;
  readonly moves: Map<string, StockLevel>;
  readonly reservations: Map<string, Reservation & { readonly decidedAt: Date }>;
  readonly restocks: Map<string, { readonly lines: readonly StockLine[]; readonly restockedAt: Date }>;
};

/**
 * Makes the effects of what was answered again. Nothing is decided: an order that was told it is reserved reserves its lines, whether
 * they are there or not. So only the order of the events of one order matters, and levels are sums. Pure.
 */
export function replayStock(
  before: {
    readonly reservations: ReadonlyMap<string, Reservation>;
    readonly restocked: ReadonlySet<string>;
  },
  changes: readonly RecordedChange[],
): ReplayedStock {
  const draft: Draft = {
    earlier: before.reservations,
    restocked: before.restocked,
    moves: new Map(),
    reservations: new Map(),
    restocks: new Map(),
  };
  const misfits = changes.map((recorded) => replayOne(draft, recorded));
  const { moves, reservations, restocks } = draft;
  return { moves, reservations, restocks, misfits };
}

function replayOne(draft: Draft, { change, outcome, appliedAt }: RecordedChange): string | undefined {
  switch (change.kind) {
    case 'reserve':
      return reserve(draft, change, outcome, appliedAt);
    case 'release':
      return release(draft, change.orderId, outcome, appliedAt);
    case 'restock':
      return restock(draft, change, outcome, appliedAt);
  }
}

function reserve(
  draft: Draft,
  { orderId, lines }: { readonly orderId: string; readonly lines: readonly StockLine[] },
  outcome: string,
  decidedAt: Date,
): string | undefined {
  if (outcome === 'already-decided' || outcome === 'cancelled-first') return undefined;
  if (outcome !== 'reserved' && outcome !== 'rejected') return `asks to reserve for ${orderId}`;
  if (stateOf(draft, orderId) !== undefined)
    return `asks to reserve for ${orderId}, which was decided before`;
  const summed = sumBySku(lines);
  if (outcome === 'reserved') for (const { sku, quantity } of summed) move(draft, sku, 0, quantity);
  const state = outcome === 'reserved' ? 'RESERVED' : 'REJECTED';
  draft.reservations.set(orderId, { state, lines: summed, decidedAt });
  return undefined;
}

function release(draft: Draft, orderId: string, outcome: string, decidedAt: Date): string | undefined {
  if (outcome === 'already-released' || outcome === 'nothing-to-release') return undefined;
  const earlier = stateOf(draft, orderId);
  if (outcome === 'remembered' && earlier === undefined) {
    draft.reservations.set(orderId, { state: 'CANCELLED_FIRST', lines: [], decidedAt });
    return undefined;
  }
  if (outcome !== 'released' || earlier?.state !== 'RESERVED')
    return `asks to release ${orderId}, which is ${earlier?.state ?? 'not known'}`;
  for (const { sku, quantity } of earlier.lines) move(draft, sku, 0, -quantity);
  draft.reservations.set(orderId, { state: 'RELEASED', lines: earlier.lines, decidedAt });
  return undefined;
}

function restock(
  draft: Draft,
  { returnId, lines }: { readonly returnId: string; readonly lines: readonly StockLine[] },
  outcome: string,
  restockedAt: Date,
): string | undefined {
  if (outcome === 'already-restocked') return undefined;
  if (outcome !== 'restocked') return `asks to restock return ${returnId}`;
  if (draft.restocked.has(returnId) || draft.restocks.has(returnId))
    return `asks to restock return ${returnId}, which was restocked before`;
  const summed = sumBySku(lines);
  for (const { sku, quantity } of summed) move(draft, sku, quantity, 0);
  draft.restocks.set(returnId, { lines: summed, restockedAt });
  return undefined;
}

const stateOf = (draft: Draft, orderId: string): Reservation | undefined =>
  draft.reservations.get(orderId) ?? draft.earlier.get(orderId);

function move(draft: Draft, sku: string, onHand: number, reserved: number): void {
  const moved = draft.moves.get(sku) ?? { onHand: 0, reserved: 0 };
  draft.moves.set(sku, { onHand: moved.onHand + onHand, reserved: moved.reserved + reserved });
}
