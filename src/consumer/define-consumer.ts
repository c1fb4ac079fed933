import type { TopicDefinition } from '../events/define-topic.ts';
import type { Transaction } from '../platform/postgres/transaction.ts';
import type { Announcing } from './announcing.ts';

/** One event as a handler sees it: typed payload, identity, place in its key's order, place in the log. */
export interface ConsumedEvent<Type extends string = string, Payload = unknown> {
  readonly type: Type;
  readonly payload: Payload;
  /** UUID, lower case. The same again when the event is delivered or published twice. */
  readonly eventId: string;
  readonly key: string;
  /** 1, 2, 3 ... within the key. */
  readonly keySeq: number;
  readonly aggregateId: string;
  readonly occurredAt: Date;
  /** W3C trace context of the request that caused it. */
  readonly traceparent: string | null;
  /** The topic's name in the catalogue, without an environment's prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * For every event type of the topic: a pure function from the event to what this consumer wants changed, or 'ignore'. An event whose
 * handler throws is parked; its key waits, all others go on. Total: the compiler refuses a consumer that forgets a type.
 */
export type Handlers<Payloads, Change> = {
  readonly [Type in keyof Payloads & string]:
    ((event: ConsumedEvent<Type, Payloads[Type]>) => Change) | 'ignore';
};

export interface Effect<Change> {
  readonly event: ConsumedEvent;
  readonly change: Change;
}

export interface ConsumerDefinition<Payloads, Change> {
  /** Kafka group id, and `consumer` in every table of schema `pipeline`. */
  readonly name: string;
  readonly topic: TopicDefinition<Payloads>;
  /** Postgres schema of its state tables; unqualified names in `apply` are looked up there. */
  readonly schema: string;
  readonly handlers: Handlers<Payloads, Change>;
  /**
   * What becomes of an event whose type this build does not know, because its publisher was deployed first. 'park', unless told:
   * the event waits with its key for the build that knows it. 'skip': it is recorded as `unknown_type`, counted and passed over.
   */
  readonly unknownTypes?: 'skip' | 'park';
  /** Outcomes of `apply` that get a line in the log, with the event's ids: an answer that came too late, say. */
  readonly loggedOutcomes?: ReadonlySet<string>;
  /** Says on a topic of its own which keys it holds and lets go, through the outbox of its database; left out where there is none. */
  readonly announcing?: Announcing;
  /**
   * Runs once a batch, or once for a few events of one key that was held, inside the batch's transaction, with the effects in log order, duplicates and ignored events already
   * removed; not called for a batch without effects. Must use a constant number of statements, must not commit, and may run
   * again for the same effects after a rollback. Returns one outcome word per effect, in the same order.
   */
  readonly apply: (
    tx: Transaction,
    effects: readonly Effect<Change>[],
    context: { readonly now: Date; readonly consumer: string },
  ) => Promise<readonly string[]>;
}

/** What it takes to read a consumer's events, without applying them. */
export type ConsumerReading<Payloads, Change> = Omit<ConsumerDefinition<Payloads, Change>, 'apply'>;

/** Gives a definition its type; see README "Write a consumer". */
export function defineConsumer<Payloads, Change>(
  definition: ConsumerDefinition<Payloads, Change>,
): ConsumerDefinition<Payloads, Change> {
  return definition;
}
