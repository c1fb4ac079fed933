// Generated from schemas/inventory.events by `npm run generate`. Do not edit.

/** The stock of a sku was set by hand: a count, a delivery, the first seed. */
export interface StockAdjusted {
  /** The stock keeping unit. */
  readonly sku: string;
  /** How many are on hand now. */
  readonly onHand: number;
  /** How many more (or, negative, fewer) than before. */
  readonly delta: number;
  /** Why, in the operator's words; null when not given. */
  readonly reason: null | string;
  /** When (UTC). */
  readonly adjustedAt: number;
}

/** OUT_OF_STOCK: fewer available than requested. UNKNOWN_SKU: the inventory has never had this sku. */
export type ShortageReason = 'OUT_OF_STOCK' | 'UNKNOWN_SKU';

/** Why one sku could not be reserved. */
export interface Shortage {
  /** The stock keeping unit. */
  readonly sku: string;
  /** How many the order asked for, all its lines together. */
  readonly requested: number;
  /** How many were available at that moment. */
  readonly available: number;
  /** Why it could not be reserved. */
  readonly reason: ShortageReason;
}

/** An order could not be reserved in full; nothing was reserved. */
export interface StockRejected {
  /** The order, a UUID. */
  readonly orderId: string;
  /** One entry for each sku that was short. */
  readonly shortages: readonly Shortage[];
  /** When (UTC). */
  readonly rejectedAt: number;
}

/** A quantity of one sku. */
export interface StockLine {
  /** The stock keeping unit. */
  readonly sku: string;
  /** How many, at least 1. A sku stands once. */
  readonly quantity: number;
}

/** A cancelled order's reservation was given back. */
export interface StockReleased {
  /** The order, a UUID. */
  readonly orderId: string;
  /** What was released, by sku. */
  readonly lines: readonly StockLine[];
  /** When (UTC). */
  readonly releasedAt: number;
}

/** All lines of an order were reserved. */
export interface StockReserved {
  /** The order, a UUID. */
  readonly orderId: string;
  /** What is reserved, by sku. */
  readonly lines: readonly StockLine[];
  /** When (UTC). */
  readonly reservedAt: number;
}

/** Returned goods are on hand again. */
export interface StockRestocked {
  /** The return, a UUID. */
  readonly returnId: string;
  /** What was restocked, by sku. */
  readonly lines: readonly StockLine[];
  /** When (UTC). */
  readonly restockedAt: number;
}

/** Every event type of inventory.events and its payload. */
export interface InventoryEvents {
  readonly StockAdjusted: StockAdjusted;
  readonly StockRejected: StockRejected;
  readonly StockReleased: StockReleased;
  readonly StockReserved: StockReserved;
  readonly StockRestocked: StockRestocked;
}

/** The version of each schema that this build writes. */
export const inventoryEventsVersions = {
  StockAdjusted: 1,
  StockRejected: 1,
  StockReleased: 1,
  StockReserved: 1,
  StockRestocked: 1,
} as const;

