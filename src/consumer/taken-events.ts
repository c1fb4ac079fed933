import type { ConsumerReading } from './define-consumer.ts';
import type { OrderedEvents } from './order-events.ts';
import type { ProcessedEvent } from './processed-events.ts';
import type { ReceivedEvent } from './receive-records.ts';

/** How many events of one type ended alike. */
export interface EventCount {
  /** A type that this build of the consumer knows, or `unknown`: what stands in a header may be anything. */
  readonly type: string;
  readonly outcome: string;
  readonly events: number;
}

/** What became of the events of one transaction, for metrics. */
export interface TakenEvents {
  readonly counts: readonly EventCount[];
  /** When the applied ones occurred. */
  readonly occurredAt: readonly Date[];
}

type Known = Pick<ConsumerReading<unknown, unknown>, 'handlers'>;
type Ended = Pick<ProcessedEvent, 'type' | 'outcome'>;

/** Of events that were recorded: of a held key's queue. */
export function recordedEvents(definition: Known, recorded: readonly ProcessedEvent[]): TakenEvents {
  return {
    counts: countEach(definition, recorded),
    occurredAt: recorded.flatMap(({ applied, occurredAt }) =>
      applied && occurredAt !== null ? [occurredAt] : [],
    ),
  };
}

/**
 * Of a batch, where each event is counted once: by the word that was recorded, as `duplicate` when it was done before, as `queued`
 * when it stands behind a held key.
 */
export function takenEvents(
  definition: Known,
  ordered: Pick<OrderedEvents<unknown>, 'events' | 'verdicts' | 'skipped'>,
  recorded: readonly ProcessedEvent[],
): TakenEvents {
  const others = ordered.events.flatMap((received, index): Ended[] => {
    const outcome = wordOf(ordered, index);
    return outcome === undefined ? [] : [{ type: typeOf(received), outcome }];
  });
  return {
    ...recordedEvents(definition, recorded),
    counts: countEach(definition, [...recorded, ...others]),
  };
}

/** The type in the record's headers; null where it can't be read. */
export const typeOf = ({ content }: ReceivedEvent): string | null =>
  'event' in content ? content.event.type : null;

/** Of an event that was not recorded now. */
function wordOf(
  { events, verdicts, skipped }: Pick<OrderedEvents<unknown>, 'events' | 'verdicts' | 'skipped'>,
  index: number,
): string | undefined {
  switch (verdicts[index]?.kind) {
    case 'duplicate':
      return skipped.has(events[index]?.identity.eventId ?? '') ? undefined : 'duplicate';
    case 'failed':
    case 'gap':
    case 'behind':
      return 'queued';
    case 'fresh':
    case 'before-base':
    case 'reused':
    case undefined:
      return undefined;
  }
}

function countEach({ handlers }: Known, ended: readonly Ended[]): EventCount[] {
  const counts = new Map<string, EventCount>();
  for (const { type: said, outcome } of ended) {
    const type = said !== null && Object.hasOwn(handlers, said) ? said : 'unknown';
    const id = `${type}\n${outcome}`;
    counts.set(id, { type, outcome, events: (counts.get(id)?.events ?? 0) + 1 });
  }
  return [...counts.values()];
}
