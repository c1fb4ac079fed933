// Generated from schemas/orders.events by `npm run generate`. Do not edit.

/** One line of an order or a return. */
export interface Line {
  /** What is ordered: the stock keeping unit. */
  readonly sku: string;
  /** How many, at least 1. */
  readonly quantity: number;
  /** Price of one, in minor units of the currency (cents, pence). */
  readonly unitPriceMinor: number;
}

/** Goods came back, with or without a known order. */
export interface ItemsReturned {
  /** The return, a UUID. */
  readonly returnId: string;
  /** The order they belong to, null when not known. */
  readonly orderId: null | string;
  /** The customer, null for a guest. */
  readonly customerId: null | string;
  /** Country the order is for, as the shop names it. */
  readonly country: string;
  /** ISO 4217 code of all amounts in this event. */
  readonly currency: string;
  /** What came back; quantities are positive. */
  readonly lines: readonly Line[];
  /** Value of what came back, in minor units, positive. */
  readonly totalMinor: number;
  /** When the return was accepted (UTC). */
  readonly returnedAt: number;
}

/** Statuses from which an order can be cancelled. */
export type PreviousStatus = 'PLACED' | 'CONFIRMED';

/** An order was cancelled. Carries the order, so that readers need not look it up. */
export interface OrderCancelled {
  /** The order, a UUID. */
  readonly orderId: string;
  /** The customer, null for a guest. */
  readonly customerId: null | string;
  /** Status before the cancellation: only a CONFIRMED order was counted as sold. */
  readonly previousStatus: PreviousStatus;
  /** Country the order is for, as the shop names it. */
  readonly country: string;
  /** ISO 4217 code of all amounts in this event. */
  readonly currency: string;
  /** The order's lines. */
  readonly lines: readonly Line[];
  /** Sum of quantity times unit price, in minor units. */
  readonly totalMinor: number;
  /** When the order was placed (UTC). */
  readonly placedAt: number;
  /** Why, in the customer's words; null when not given. */
  readonly reason: null | string;
  /** When it was cancelled (UTC). */
  readonly cancelledAt: number;
}

/** The inventory reserved everything: the order counts as sold. */
export interface OrderConfirmed {
  /** The order, a UUID. */
  readonly orderId: string;
  /** The customer, null for a guest. */
  readonly customerId: null | string;
  /** Country the order is for, as the shop names it. */
  readonly country: string;
  /** ISO 4217 code of all amounts in this event. */
  readonly currency: string;
  /** The order's lines. */
  readonly lines: readonly Line[];
  /** Sum of quantity times unit price, in minor units. */
  readonly totalMinor: number;
  /** When the order was placed (UTC). */
  readonly placedAt: number;
  /** When it was confirmed (UTC). */
  readonly confirmedAt: number;
}

/** A customer or guest placed an order. Says nothing yet about stock. */
export interface OrderPlaced {
  /** The order, a UUID. */
  readonly orderId: string;
  /** The customer, null for a guest. */
  readonly customerId: null | string;
  /** Country the order is for, as the shop names it. */
  readonly country: string;
  /** ISO 4217 code of all amounts in this event. */
  readonly currency: string;
  /** What was ordered, in the customer's order. */
  readonly lines: readonly Line[];
  /** Sum of quantity times unit price, in minor units. */
  readonly totalMinor: number;
  /** When the order was placed (UTC). */
  readonly placedAt: number;
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

/** The inventory could not reserve everything, so it reserved nothing. */
export interface OrderRejected {
  /** The order, a UUID. */
  readonly orderId: string;
  /** The customer, null for a guest. */
  readonly customerId: null | string;
  /** One entry for each sku that was short. */
  readonly reasons: readonly Shortage[];
  /** When it was rejected (UTC). */
  readonly rejectedAt: number;
}

/** Every event type of orders.events and its payload. */
export interface OrdersEvents {
  readonly ItemsReturned: ItemsReturned;
  readonly OrderCancelled: OrderCancelled;
  readonly OrderConfirmed: OrderConfirmed;
  readonly OrderPlaced: OrderPlaced;
  readonly OrderRejected: OrderRejected;
}

/** The version of each schema that this build writes. */
export const ordersEventsVersions = {
  ItemsReturned: 1,
  OrderCancelled: 1,
  OrderConfirmed: 1,
  OrderPlaced: 1,
  OrderRejected: 1,
} as const;

