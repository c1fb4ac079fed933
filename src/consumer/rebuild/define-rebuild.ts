import type { EventSchema } from '../../events/event-schema.ts';
import type { Transaction } from '../../platform/postgres/transaction.ts';
import { applyEffects } from '../apply-effects.ts';
import type { ConsumerDefinition, ConsumerReading, Effect } from '../define-consumer.ts';
import { receiveRecords, type ReceivedEvent, type ReceiveOptions } from '../receive-records.ts';
import type { LogRecord } from '../read-envelope.ts';
import { runHandlers } from '../run-handlers.ts';

/** What an event changes, and how it ended when it happened. */
export interface RecordedEffect<Change> extends Effect<Change> {
  /** The word that the live consumer recorded, and told others of. */
  readonly outcome: string;
  readonly appliedAt: Date;
}

/** An event to be replayed. Nothing was recorded of one that the live consumer never saw. */
export interface ReplayedEvent {
  readonly received: ReceivedEvent;
  readonly outcome: string | undefined;
  readonly appliedAt: Date;
}

/** A consumer as a rebuild needs it, whatever its payloads and changes are. */
export interface RebuildDefinition {
  readonly consumer: string;
  /** The topic's name in the catalogue. */
  readonly topic: string;
  /** Of the live state; the second one has its own beside it. */
  readonly schema: string;
  readonly events: Readonly<Record<string, EventSchema>>;
  /** What was recorded was said to others, so it stays. */
  readonly outcomesBind: boolean;
  receive(
    records: readonly LogRecord[],
    options: Pick<ReceiveOptions<never, never>, 'partition' | 'decoder' | 'now'>,
  ): Promise<ReceivedEvent[]>;
  /**
   * Makes the effects again, in the second state, which the transaction's search_path names.
   * @returns for each event what does not fit its recorded outcome, in a few words; undefined where all is well
   */
  replay(tx: Transaction, events: readonly ReplayedEvent[]): Promise<readonly (string | undefined)[]>;
  /**
   * Adds what the state owes to facts that are in no event of the topic, those after the mark.
   * @returns the mark up to which they are in
   */
  addFacts?(tx: Transaction, afterMark: number): Promise<number>;
}

/**
 * Rebuilds a consumer that says nothing to others: its events are simply applied again, by the code that is there now.
 * @throws in a replay, whatever handlers and `apply` throw
 */
export function rebuildByApplying<Payloads, Change>(
  consumer: ConsumerDefinition<Payloads, Change>,
): RebuildDefinition {
  return {
    ...common(consumer, false),
    async replay(tx, events) {
      const { effects, failures } = effectsOf(consumer, events);
      const usable = effects.filter((effect) => effect !== undefined);
      // Where time counts, it is that of the newest of them, as it was in a batch.
      const now = events.at(-1)?.appliedAt ?? new Date(0);
      await applyEffects(tx, consumer, usable, now);
      return failures;
    },
  };
}

/**
 * Rebuilds a consumer that answers others: what it said is a fact, so nothing is decided again. Of each event `replay` gets what the
 * handler wants now and the outcome of then, and writes what follows from both. It must say nothing.
 */
export function rebuildByReplaying<Payloads, Change>(
  consumer: ConsumerReading<Payloads, Change>,
  parts: {
    /** @returns for each effect why the outcome can not be that of this change; undefined where it can */
    replay(
      tx: Transaction,
      effects: readonly RecordedEffect<Change>[],
    ): Promise<readonly (string | undefined)[]>;
    addFacts?(tx: Transaction, afterMark: number): Promise<number>;
  },
): RebuildDefinition {
  return {
    ...common(consumer, true),
    async replay(tx, events) {
      const { effects, failures } = effectsOf(consumer, events);
      const places = effects.flatMap((effect, place) => (effect === undefined ? [] : [place]));
      const recorded = effects.flatMap((effect, place): RecordedEffect<Change>[] => {
        const { outcome, appliedAt } = events[place] ?? {};
        if (effect === undefined || outcome === undefined || appliedAt === undefined) return [];
        return [{ ...effect, outcome, appliedAt }];
      });
      const misfits = recorded.length === 0 ? [] : await parts.replay(tx, recorded);
      const byPlace = new Map(places.map((place, index) => [place, misfits[index]]));
      return failures.map((failure, place) => failure ?? byPlace.get(place));
    },
    ...(parts.addFacts && { addFacts: parts.addFacts.bind(parts) }),
  };
}

function common<Payloads, Change>(
  consumer: ConsumerReading<Payloads, Change>,
  outcomesBind: boolean,
): Omit<RebuildDefinition, 'replay'> {
  return {
    consumer: consumer.name,
    topic: consumer.topic.name,
    schema: consumer.schema,
    events: consumer.topic.events,
    outcomesBind,
    receive: (records, options) => receiveRecords(records, { ...options, definition: consumer }),
  };
}

/** A handler that throws now threw not then, or the event would be in no state: that is for a person to see. */
function effectsOf<Payloads, Change>(
  consumer: ConsumerReading<Payloads, Change>,
  events: readonly ReplayedEvent[],
): { effects: (Effect<Change> | undefined)[]; failures: (string | undefined)[] } {
  const handled = runHandlers(
    consumer,
    events.map(({ received }) => received),
  );
  const failures = events.map((_, place) => handled.tryHandler(place)?.reason);
  return { effects: events.map((_, place) => handled.effects.get(place)), failures };
}
