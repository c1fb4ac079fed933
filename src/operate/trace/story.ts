/**
 * done: it happened. waiting: it has not happened yet, by all that is known it still will. parked: somebody must decide.
 * missing: it can not come by itself any more (lost, or passed over).
 */
export type HopState = 'done' | 'waiting' | 'parked' | 'missing';

/**
 * request: something asked the service for it. commit: its row is in the outbox, with the service's own rows. kafka: Debezium has
 * read it from the log and written it to its topic. consumer: what one consumer made of it.
 */
export type HopKind = 'request' | 'commit' | 'kafka' | 'consumer';

/** One station on the way of one event. */
export interface StoryHop {
  readonly kind: HopKind;
  readonly state: HopState;
  /** The service, the connector or the consumer at which it is. */
  readonly where: string;
  readonly eventId: string;
  readonly eventType: string;
  /** ISO 8601, UTC, by the clock of whoever saw it; null when it has not happened or nobody wrote down when. */
  readonly at: string | null;
  /** ISO 8601; when the hop that it follows was done, or the nearest before that whose time is known. */
  readonly since: string | null;
  /** Milliseconds from `since` to `at`, never below 0; null where one of both is not known. */
  readonly durationMs: number | null;
  /** Index in `Story.hops` of the hop that it follows; always a smaller one. null for a beginning. */
  readonly follows: number | null;
  /** What is to be seen there, for a person: transaction and place in the log, topic, partition and offset, outcome, reason. */
  readonly detail: string;
  /** The same for a program. What is not known is left out. */
  readonly facts: {
    readonly topic?: string;
    readonly partition?: number;
    readonly offset?: number;
    readonly key?: string;
    readonly keySeq?: number;
    /** Of the transaction that wrote the row, and where its row is in the write-ahead log. */
    readonly xid?: string;
    readonly lsn?: string;
    /** One word of the consumer, or the runtime's. */
    readonly outcome?: string;
    readonly attempts?: number;
    readonly traceparent?: string;
  };
}

/** Where a story does not go on, and what to do. */
export interface StuckAt {
  /** Index in `Story.hops`. */
  readonly hop: number;
  readonly where: string;
  /** One or two sentences: what is so, what to do. */
  readonly sentence: string;
}

/** A stretch of the line of time, in fractions of its length. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One line of time for all hops. Long stretches in which nothing happened are cut out of it, so that milliseconds can be seen. */
export interface StoryLine {
  /** How long what is drawn took, without what is cut out. */
  readonly drawnMs: number;
  /** Where what is known ends; behind it stand hops that are not done. 1 when all are. */
  readonly knownTo: number;
  readonly cuts: readonly (Span & { readonly ms: number })[];
  /** Of each of `Story.hops`; null where no time is known. */
  readonly spans: readonly (Span | null)[];
}

/** Everything that is known of one thing (an order), from the first request to the last consumer. JSON as it stands. */
export interface Story {
  /** The aggregate id of its events. */
  readonly subject: string;
  /** Keys under which it was said; usually one. */
  readonly keys: readonly string[];
  /** By its newest event, in the words of the domain; null when the domain has none. */
  readonly status: string | null;
  /** Every event of it has been dealt with by every consumer of it. */
  readonly settled: boolean;
  /** The first hop that is not done; null when settled. */
  readonly stuck: StuckAt | null;
  /** ISO 8601, of the first and the last hop whose time is known. */
  readonly from: string | null;
  readonly to: string | null;
  /** Where the hops are on one line of time: terminal and page draw the same. */
  readonly line: StoryLine;
  /**
   * In the order of the way: an event's hops together, each consumer's answer right behind what that consumer did. Not sorted by
   * time: several consumers work at once.
   */
  readonly hops: readonly StoryHop[];
  /** What could not be looked at, a sentence each. */
  readonly problems: readonly string[];
}

/** The domain's part in a story; everything else follows from ids. */
export interface StoryWords {
  /** By event type: what it makes of the thing it is about. Types that are left out change no status. */
  readonly statusAfter: Readonly<Record<string, string>>;
  /** By event type: what it says, in a few words, of its decoded payload. May throw; then nothing is said. */
  readonly describe: Readonly<Record<string, (payload: never) => string>>;
}
