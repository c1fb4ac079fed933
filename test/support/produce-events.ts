import { v7 } from 'uuid';
import { testKafka } from './test-stack.ts';

/** An event as the outbox connector would publish it; the payload here is JSON. */
export interface TestEvent {
  readonly eventId: string;
  readonly type: string;
  /** null: the record has none, as no outbox would write it. */
  readonly key: string | null;
  readonly keySeq: number;
  readonly payload: unknown;
  readonly partition?: number;
  /** Replaces headers; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export function testEvent(
  event: Partial<TestEvent> & Pick<TestEvent, 'type' | 'key' | 'keySeq' | 'payload'>,
): TestEvent {
  return { eventId: v7(), ...event };
}

/** Headers as Debezium's outbox router writes them: UTF-8 text, a null column without value. */
function toMessage(event: TestEvent) {
  const headers: Record<string, string | undefined> = {
    id: event.eventId,
    eventType: event.type,
    aggregateId: `aggregate of ${event.key ?? 'nobody'}`,
    keySeq: String(event.keySeq),
    schemaFingerprint: 'none',
    occurredAt: new Date().toISOString(),
    traceparent: '',
    ...event.headers,
  };
  return {
    key: event.key,
    value: JSON.stringify(event.payload),
    partition: event.partition ?? 0,
    headers: Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

/**
 * Writes events to a topic in the given order.
 * @param options.transaction 'commit' or 'abort' writes them in a Kafka transaction, which leaves a control record in the log.
 */
export async function produceEvents(
  topic: string,
  events: readonly TestEvent[],
  options: { transaction?: 'commit' | 'abort' } = {},
): Promise<void> {
  const { transaction } = options;
  const producer = testKafka().producer(
    transaction === undefined ? {} : { transactionalId: v7(), idempotent: true, maxInFlightRequests: 1 },
  );
  await producer.connect();
  try {
    const messages = events.map(toMessage);
    if (transaction === undefined) {
      await producer.send({ topic, messages, acks: -1 });
      return;
    }
    const open = await producer.transaction();
    await open.send({ topic, messages, acks: -1 });
    await open[transaction]();
  } finally {
    await producer.disconnect();
  }
}
