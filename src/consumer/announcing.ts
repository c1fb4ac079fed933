import type { EventDefinition } from '../events/define-event.ts';
import type { Encoder } from '../events/encoder.ts';

/** A key is held from now on, or for another reason than before. Times are epoch milliseconds. */
export interface KeyHeld {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  readonly state: 'parked' | 'waiting';
  readonly code: string;
  readonly reason: string;
  /** The event that fails, or the first behind the missing one. */
  readonly eventId: string;
  readonly eventType: string | null;
  readonly keySeq: number | null;
  readonly partition: number;
  readonly offset: number;
  readonly attempts: number;
  readonly expectedSeq: number | null;
  readonly heldAt: number;
}

export interface KeyReleased {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  /** null: nobody asked, the missing event came. */
  readonly request: string | null;
  readonly requestedBy: string | null;
  readonly releasedAt: number;
}

/** Where it is said that keys are held and released: a topic's event types, and the encoder of the database with the outbox. */
export interface Announcing {
  readonly encoder: Encoder;
  readonly events: {
    readonly KeyHeld: EventDefinition<KeyHeld>;
    readonly KeyReleased: EventDefinition<KeyReleased>;
  };
}
