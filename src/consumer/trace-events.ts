import type { Span, SpanAttributes } from '../platform/tracing/tracing.ts';
import type { SeenHold } from './announce-held-keys.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import type { ProcessedEvent } from './processed-events.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { describeRecord } from './stored-record.ts';

export interface TracedEvents {
  /** The same events, each within its span: what is said because of one goes on with the trace from there. */
  readonly events: readonly ReceivedEvent[];
  /**
   * After the commit: ends the spans of what was applied or parked. The others are never told of: those of ignored events and
   * duplicates, and all of a transaction that was rolled back. If the process dies before this line, the events are applied and
   * their spans are missing.
   */
  committed(done: {
    readonly recorded: readonly ProcessedEvent[];
    readonly began: readonly Pick<SeenHold, 'event' | 'hold'>[];
  }): void;
}

type Place = Pick<ReceivedEvent['identity'], 'partition' | 'offset'>;
type Scope = Pick<ConsumerRuntime<never, never>, 'tracing' | 'kafkaTopic' | 'groupId'>;

/** Begins a consumer's span for each event that may be applied in the transaction that begins now, a child of its publisher's. */
export function traceEvents(scope: Scope, events: readonly ReceivedEvent[]): TracedEvents {
  if (!scope.tracing.isOn) return { events, committed: () => undefined };
  const spans = new Map<string, Span>();
  return {
    events: events.map((received) => {
      const { content, identity } = received;
      if (content.use !== 'apply' && content.use !== 'unusable') return received;
      const span = startSpan(scope, received);
      spans.set(placeOf(identity), span);
      const { traceparent } = span;
      return content.use === 'apply'
        ? { ...received, traceparent, content: { ...content, event: { ...content.event, traceparent } } }
        : { ...received, traceparent };
    }),
    committed({ recorded, began }) {
      for (const { event, applied, outcome } of recorded)
        if (applied) spans.get(placeOf(event))?.end({ attributes: { 'outbox.outcome': outcome } });
      for (const { event, hold } of began)
        if (hold.state === 'parked')
          spans.get(placeOf(event.identity))?.end({
            attributes: { 'outbox.outcome': 'parked', 'error.type': hold.failure.code },
            // Not the reason, which may quote the payload.
            error: `parked: ${hold.failure.code}; see npx outbox parked list`,
          });
    },
  };
}

function startSpan({ tracing, kafkaTopic, groupId }: Scope, received: ReceivedEvent): Span {
  const { content, identity, record } = received;
  const { type, aggregateId, traceparent } = 'event' in content ? content.event : describeRecord(record);
  return tracing.startSpan({
    name: `process ${kafkaTopic}`,
    kind: 'consumer',
    parent: traceparent,
    attributes: {
      ...attributesOf(identity, { kafkaTopic, groupId }),
      ...(type !== null && { 'outbox.event_type': type }),
      ...(aggregateId !== null && { 'outbox.aggregate_id': aggregateId }),
    },
  });
}

/** Names by OpenTelemetry's semantic conventions for messaging; those with `outbox.` are ours. */
const attributesOf = (
  { partition, offset, eventId }: ReceivedEvent['identity'],
  { kafkaTopic, groupId }: Pick<Scope, 'kafkaTopic' | 'groupId'>,
): SpanAttributes => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': 'process',
  'messaging.operation.name': 'process',
  'messaging.destination.name': kafkaTopic,
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.offset': offset,
  'messaging.consumer.group.name': groupId,
  'messaging.message.id': eventId,
});

const placeOf = ({ partition, offset }: Place): string => `${partition}/${offset}`;
