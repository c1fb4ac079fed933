import { traceIdOf } from '../platform/tracing/traceparent.ts';
import type { RecordIdentity } from './identify-record.ts';
import { asUuid, readHeader } from './read-envelope.ts';
import type { LogRecord } from './read-envelope.ts';

/**
 * What a log line says of an event, by the name that its topic gives it also what it is about (`orderId`). Neither its key nor its
 * payload: those are the customer's.
 */
export type EventIds = Readonly<Record<string, string | number>>;

interface NamedTopic {
  readonly events?: object;
  readonly aggregateIds?: Readonly<Record<string, string | undefined>>;
}

/** Headers may hold anything, a customer too: only what looks like an id gets through, and types that the topic has. */
export function eventIds(
  {
    identity,
    record,
  }: { identity: Pick<RecordIdentity, 'eventId' | 'partition' | 'offset'>; record: LogRecord },
  { events = {}, aggregateIds = {} }: NamedTopic,
): EventIds {
  const { eventId, partition, offset } = identity;
  const said = readHeader(record, 'eventType') ?? '';
  const type = Object.hasOwn(events, said) ? said : undefined;
  const name = type === undefined ? undefined : aggregateIds[type];
  const aggregateId = asUuid(readHeader(record, 'aggregateId') ?? '');
  const traceId = traceIdOf(readHeader(record, 'traceparent'));
  return {
    eventId,
    ...(name !== undefined && aggregateId !== undefined && { [name]: aggregateId }),
    ...(traceId !== undefined && { traceId }),
    ...(type !== undefined && { type }),
    ...{ partition, offset },
  };
}
