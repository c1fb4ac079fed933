import type { InventoryEvents, StockLine } from '../contracts/generated/inventory-events.ts';

/** What is on the shelf and what of it is promised to orders, in pieces. 0 <= reserved <= onHand, always. */
export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
}

/**
 * RESERVED -> RELEASED is the only transition; the other states are final.
 * CANCELLED_FIRST remembers a cancellation that arrived before its order, so that the order reserves nothing.
 */
export type ReservationState = 'RESERVED' | 'REJECTED' | 'RELEASED' | 'CANCELLED_FIRST';

/** What was decided about an order. Lines: one per sku; what the order asked for, empty when it was cancelled first. */
export interface Reservation {
  readonly state: ReservationState;
  readonly lines: readonly StockLine[];
}

/** What one event asks of the stock. Lines may name a sku more than once. */
export type StockChange =
  | { readonly kind: 'reserve'; readonly orderId: string; readonly lines: readonly StockLine[] }
  | { readonly kind: 'release'; readonly orderId: string }
  | { readonly kind: 'restock'; readonly returnId: string; readonly lines: readonly StockLine[] };

/** Everything a batch is decided on: the stock of all skus and the earlier decisions of all orders and returns it names. */
export interface StockState {
  readonly stock: ReadonlyMap<string, StockLevel>;
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly restocked: ReadonlySet<string>;
}

export type StockOutcome =
  | 'reserved'
  | 'rejected'
  | 'already-decided'
  | 'cancelled-first'
  | 'released'
  | 'already-released'
  | 'nothing-to-release'
  | 'remembered'
  | 'restocked'
  | 'already-restocked';

type ReplyType = Exclude<keyof InventoryEvents, 'StockAdjusted'>;
export type StockReply = {
  [Type in ReplyType]: { readonly type: Type; readonly payload: InventoryEvents[Type] };
}[ReplyType];

export interface StockVerdict {
  readonly outcome: StockOutcome;
  readonly reply?: StockReply;
}

/** Only what changed, ready to be written, and one verdict per change in the same order. */
export interface StockDecision {
  readonly stock: ReadonlyMap<string, StockLevel>;
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly restocks: ReadonlyMap<string, readonly StockLine[]>;
  readonly verdicts: readonly StockVerdict[];
}

/**
 * Decides a batch of changes one after the other, each on what the ones before it left. Pure: the same state and changes
 * give the same decision, and it does not matter where a sequence is cut into batches.
 * - An order gets all of its lines or nothing. `at`: epoch ms, the time written into the replies.
 * - `onHand` changes only by a restock here (and by an adjustment elsewhere), `reserved` only by reserving and releasing.
 * - Throws RangeError on a quantity that is not a positive integer: it would turn a reservation into a gift.
 */
export function decideStock(before: StockState, changes: readonly StockChange[], at: number): StockDecision {
  const draft = new StockDraft(before);
  const verdicts = changes.map((change) => decideOne(draft, change, at));
  return { stock: draft.stock, reservations: draft.reservations, restocks: draft.restocks, verdicts };
}

function decideOne(draft: StockDraft, change: StockChange, at: number): StockVerdict {
  switch (change.kind) {
    case 'reserve':
      return reserve(draft, change.orderId, sumBySku(change.lines), at);
    case 'release':
      return release(draft, change.orderId, at);
    case 'restock':
      return restock(draft, change.returnId, sumBySku(change.lines), at);
  }
}

function reserve(draft: StockDraft, orderId: string, lines: readonly StockLine[], at: number): StockVerdict {
  const earlier = draft.reservation(orderId);
  if (earlier !== undefined) {
    return { outcome: earlier.state === 'CANCELLED_FIRST' ? 'cancelled-first' : 'already-decided' };
  }
  const shortages = lines.flatMap((line) => shortageOf(line, draft.level(line.sku)));
  if (shortages.length > 0) {
    draft.reservations.set(orderId, { state: 'REJECTED', lines });
    return {
      outcome: 'rejected',
      reply: { type: 'StockRejected', payload: { orderId, shortages, rejectedAt: at } },
    };
  }
  for (const { sku, quantity } of lines) draft.move(sku, { onHand: 0, reserved: quantity });
  draft.reservations.set(orderId, { state: 'RESERVED', lines });
  return {
    outcome: 'reserved',
    reply: { type: 'StockReserved', payload: { orderId, lines, reservedAt: at } },
  };
}

type Shortage = InventoryEvents['StockRejected']['shortages'][number];

function shortageOf({ sku, quantity }: StockLine, level: StockLevel | undefined): Shortage[] {
  if (level === undefined) return [{ sku, requested: quantity, available: 0, reason: 'UNKNOWN_SKU' }];
  const available = level.onHand - level.reserved;
  return available >= quantity ? [] : [{ sku, requested: quantity, available, reason: 'OUT_OF_STOCK' }];
}

/** Gives back what was recorded for the order, not what the cancellation says: only the record is known to be reserved. */
function release(draft: StockDraft, orderId: string, at: number): StockVerdict {
  const earlier = draft.reservation(orderId);
  if (earlier === undefined) {
    draft.reservations.set(orderId, { state: 'CANCELLED_FIRST', lines: [] });
    return { outcome: 'remembered' };
  }
  if (earlier.state === 'REJECTED') return { outcome: 'nothing-to-release' };
  if (earlier.state !== 'RESERVED') return { outcome: 'already-released' };
  for (const { sku, quantity } of earlier.lines) draft.move(sku, { onHand: 0, reserved: -quantity });
  draft.reservations.set(orderId, { state: 'RELEASED', lines: earlier.lines });
  return {
    outcome: 'released',
    reply: { type: 'StockReleased', payload: { orderId, lines: earlier.lines, releasedAt: at } },
  };
}

/** A returned piece is stock, also of a sku that nobody had entered: it lies on the shelf. */
function restock(draft: StockDraft, returnId: string, lines: readonly StockLine[], at: number): StockVerdict {
  if (draft.isRestocked(returnId)) return { outcome: 'already-restocked' };
  for (const { sku, quantity } of lines) draft.move(sku, { onHand: quantity, reserved: 0 });
  draft.restocks.set(returnId, lines);
  return {
    outcome: 'restocked',
    reply: { type: 'StockRestocked', payload: { returnId, lines, restockedAt: at } },
  };
}

/** One line per sku, in the order of first mention. @throws RangeError on a quantity that is not a positive integer */
export function sumBySku(lines: readonly StockLine[]): StockLine[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) {
    if (!Number.isSafeInteger(quantity) || quantity <= 0) {
      throw new RangeError(`The quantity of ${sku} is ${quantity}; it must be a positive integer.`);
    }
    quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  }
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/** The state before, with the changes so far laid over it. */
class StockDraft {
  readonly stock = new Map<string, StockLevel>();
  readonly reservations = new Map<string, Reservation>();
  readonly restocks = new Map<string, readonly StockLine[]>();
  readonly #before: StockState;

  constructor(before: StockState) {
    this.#before = before;
  }

  level(sku: string): StockLevel | undefined {
    return this.stock.get(sku) ?? this.#before.stock.get(sku);
  }

  reservation(orderId: string): Reservation | undefined {
    return this.reservations.get(orderId) ?? this.#before.reservations.get(orderId);
  }

  isRestocked(returnId: string): boolean {
    return this.restocks.has(returnId) || this.#before.restocked.has(returnId);
  }

  move(sku: string, by: StockLevel): void {
    const { onHand, reserved } = this.level(sku) ?? { onHand: 0, reserved: 0 };
    this.stock.set(sku, { onHand: onHand + by.onHand, reserved: reserved + by.reserved });
  }
}
