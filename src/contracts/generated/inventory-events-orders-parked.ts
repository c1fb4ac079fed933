// Generated from schemas/inventory.events.orders.parked by `npm run generate`. Do not edit.

/** parked: an event fails for good, somebody must decide. waiting: an event is missing, the key goes on by itself when it comes. */
export type HeldState = 'parked' | 'waiting';

/** A consumer began to hold a key, or holds it for another reason than before: nothing of the key is applied until it is released. */
export interface KeyHeld {
  /** Who holds it. */
  readonly consumer: string;
  /** The topic that the consumer reads, without an environment's prefix. */
  readonly topic: string;
  /** The key; a record without one got a key of its place. */
  readonly key: string;
  /** Why it is held. */
  readonly state: HeldState;
  /** What kind of failure, for machines: event_gap, event_handler_failed ... */
  readonly code: string;
  /** What happened and what to do, for people. */
  readonly reason: string;
  /** The event that fails, or the first behind the missing one; a UUID. */
  readonly eventId: string;
  /** Its type, null where the record does not say. */
  readonly eventType: null | string;
  /** Its sequence within the key, null where the record does not say. */
  readonly keySeq: null | number;
  /** Where it is in the topic. */
  readonly partition: number;
  /** Where it is in the partition. */
  readonly offset: number;
  /** How often it has failed by now, 1 at first; a redrive that failed makes it 2. */
  readonly attempts: number;
  /** Of a key that waits: the sequence that is missing. */
  readonly expectedSeq: null | number;
  /** When (UTC). */
  readonly heldAt: number;
}

/** A key is not held any more: its queue is done with, and its events flow again. */
export interface KeyReleased {
  /** Who held it. */
  readonly consumer: string;
  /** The topic that the consumer reads, without an environment's prefix. */
  readonly topic: string;
  /** The key. */
  readonly key: string;
  /** What somebody asked for: redrive, discard, discard_all or skip; null when the missing event came. */
  readonly request: null | string;
  /** Who asked for it. */
  readonly requestedBy: null | string;
  /** When (UTC). */
  readonly releasedAt: number;
}

/** Every event type of inventory.events.orders.parked and its payload. */
export interface InventoryEventsOrdersParked {
  readonly KeyHeld: KeyHeld;
  readonly KeyReleased: KeyReleased;
}

/** The version of each schema that this build writes. */
export const inventoryEventsOrdersParkedVersions = {
  KeyHeld: 1,
  KeyReleased: 1,
} as const;

