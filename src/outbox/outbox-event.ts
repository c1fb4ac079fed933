import type { EventDefinition } from '../events/define-event.ts';

/** An event that is about to be said. */
export interface OutboxEvent {
  readonly definition: EventDefinition<unknown>;
  readonly payload: unknown;
  /** Events of one key keep their order; it becomes the Kafka record's key. */
  readonly key: string;
  /** The thing that the event is about, e.g. the order's id. */
  readonly aggregateId: string;
  readonly occurredAt: Date;
  /** W3C trace context of the request or event that caused it. */
  readonly traceparent: string | null;
  /** The event's identity when it must be the same at a second try (replies); else the database makes one. */
  readonly eventId: string | null;
}

/** Ties the payload's type to the definition. */
export function newEvent<Payload>(
  definition: EventDefinition<Payload>,
  event: {
    payload: NoInfer<Payload>;
    key: string;
    aggregateId: string;
    occurredAt: Date;
    traceparent?: string | null | undefined;
    eventId?: string;
  },
): OutboxEvent {
  const { payload, key, aggregateId, occurredAt } = event;
  const traceparent = event.traceparent ?? null;
  const eventId = event.eventId ?? null;
  return { definition, payload, key, aggregateId, occurredAt, traceparent, eventId };
}
