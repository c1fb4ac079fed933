import type { EventRow } from '../audit/event-row.ts';

/** An event as its outbox has it: its oldest row. */
export interface TracedEvent extends EventRow {
  /** Whose outbox it is in, and which connector reads that. */
  readonly service: string;
  readonly connector: string;
  readonly aggregateId: string;
  readonly occurredAt: Date;
  readonly traceparent: string | null;
  readonly schemaFingerprint: string;
  readonly payload: Buffer;
  readonly xid: string;
  /** Bytes since the start of the log. */
  readonly lsn: bigint;
  /** null where the server does not remember it (track_commit_timestamp). */
  readonly committedAt: Date | null;
  /** How many rows say it. */
  readonly rows: number;
}

/** Where an event is in its topic. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
  /** When Debezium read it from the log or, where its header does not say so, the record's own time. undefined: not read. */
  readonly readAt: Date | undefined;
}

/** What a consumer has recorded of an event. */
export interface Recorded {
  readonly outcome: string;
  readonly partition: number;
  readonly offset: number;
  readonly appliedAt: Date;
}

/** An event that a consumer has, in the queue of a held key. */
export interface Queued {
  readonly state: 'parked' | 'waiting';
  readonly partition: number;
  readonly offset: number;
  readonly parkedAt: Date;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly expectedSeq: number | null;
  /** Events of its key that come before it. */
  readonly ahead: number;
  /** The first of the queue: it holds the key, unless a missing one does. */
  readonly first: { readonly eventId: string; readonly type: string | null };
}

export interface Decision {
  readonly decision: string;
  readonly who: string;
  readonly why: string | null;
}

/** All that is known of the way of the events to one consumer; maps by event id. */
export interface ConsumerFacts {
  readonly consumer: string;
  /** Events that it must deal with. */
  readonly expected: ReadonlySet<string>;
  readonly recorded: ReadonlyMap<string, Recorded>;
  readonly queued: ReadonlyMap<string, Queued>;
  readonly decided: ReadonlyMap<string, Decision>;
  /** The next offset by `topic partition`. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Of the connector of one service. */
export interface ReaderFacts {
  /** Everything before it was confirmed; undefined when there is no slot. */
  readonly confirmedLsn: bigint | undefined;
  /** Why it does not read, with what to do; undefined when nothing is known to be wrong. */
  readonly trouble: string | undefined;
}

export interface TraceFacts {
  readonly subject: string;
  /** Oldest row first. */
  readonly events: readonly TracedEvent[];
  /** Each event id that a consumer's answer would have: whose answer, and to which event. */
  readonly causes: ReadonlyMap<string, { readonly consumer: string; readonly eventId: string }>;
  /** By event id. */
  readonly records: ReadonlyMap<string, RecordPlace>;
  /** Topics that were read: of these an event without a record is not there. */
  readonly topicsRead: ReadonlySet<string>;
  readonly consumers: readonly ConsumerFacts[];
  /** Consumers whose group has a member, or none; one that is left out was not asked, or Kafka did not say. */
  readonly running: ReadonlyMap<string, boolean>;
  /** By connector. */
  readonly readers: ReadonlyMap<string, ReaderFacts>;
  /** By event id, in the domain's words. */
  readonly said: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}
