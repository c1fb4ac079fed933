import type { StoryHop } from './story.ts';
import type { ConsumerFacts, Queued, RecordPlace, TracedEvent, TraceFacts } from './trace-facts.ts';

/** A hop as it is seen, before its place in the story is known. */
export type SeenHop = Omit<StoryHop, 'eventId' | 'eventType' | 'durationMs' | 'follows' | 'since' | 'at'> & {
  readonly at: Date | null;
};

/** Where an event is in its topic, by the topic itself or by any consumer that has had it. */
export function placeOf(facts: TraceFacts, event: TracedEvent): RecordPlace | undefined {
  const seen = facts.records.get(event.eventId);
  if (seen !== undefined) return seen;
  for (const { recorded, queued } of facts.consumers) {
    const had = recorded.get(event.eventId) ?? queued.get(event.eventId);
    if (had !== undefined) return { partition: had.partition, offset: had.offset, readAt: undefined };
  }
  return undefined;
}

export function kafkaHop(facts: TraceFacts, event: TracedEvent): SeenHop {
  const { topic, connector } = event;
  const place = placeOf(facts, event);
  const hop = { kind: 'kafka', where: connector } as const;
  if (place !== undefined) {
    const { partition, offset, readAt } = place;
    return {
      ...hop,
      state: 'done',
      at: readAt ?? null,
      detail: `${topic}, partition ${partition}, offset ${offset}`,
      facts: { topic, partition, offset },
    };
  }
  return { ...hop, ...notInTopic(facts, event), at: null, facts: { topic } };
}

function notInTopic(facts: TraceFacts, event: TracedEvent): Pick<SeenHop, 'state' | 'detail'> {
  const { confirmedLsn, trouble } = facts.readers.get(event.connector) ?? {};
  // Where slot and connector do not fit, the slot's position says nothing, and mending it says the row again.
  const hasPassed = trouble === undefined && confirmedLsn !== undefined && confirmedLsn > event.lsn;
  if (hasPassed && facts.topicsRead.has(event.topic))
    return {
      state: 'missing',
      detail: `Debezium has passed it in the log, but it is not in ${event.topic}: lost. Run: npx outbox audit --repair`,
    };
  if (hasPassed)
    return {
      state: 'waiting',
      detail: `Read by Debezium; whether it is in ${event.topic} can't be seen now.`,
    };
  return {
    state: 'waiting',
    detail: `Not yet read by Debezium: ${trouble ?? `${event.connector} has not come to it in the log.`}`,
  };
}

export function consumerHop(facts: TraceFacts, consumer: ConsumerFacts, event: TracedEvent): SeenHop {
  const hop = { kind: 'consumer', where: consumer.consumer } as const;
  const recorded = consumer.recorded.get(event.eventId);
  if (recorded !== undefined) {
    const { outcome, appliedAt } = recorded;
    const decision = consumer.decided.get(event.eventId);
    const by = decision === undefined ? [] : [`${decision.decision} by ${decision.who}`];
    const why = decision?.why === undefined || decision.why === null ? [] : [decision.why];
    return {
      ...hop,
      state: 'done',
      at: appliedAt,
      detail: [outcome, ...by, ...why].join(', '),
      facts: { outcome },
    };
  }
  const queued = consumer.queued.get(event.eventId);
  if (queued !== undefined) return { ...hop, ...held(consumer.consumer, event, queued) };
  return { ...hop, ...notThereYet(facts, consumer, event), at: null, facts: {} };
}

/** It has come, and stands in the queue of its key. */
function held(
  consumer: string,
  event: TracedEvent,
  queued: Queued,
): Pick<SeenHop, 'state' | 'detail' | 'at' | 'facts'> {
  const { attempts, code, reason, ahead, expectedSeq, first } = queued;
  const common = { at: queued.parkedAt, facts: { attempts } };
  const show = `npx outbox parked show --consumer ${consumer} --key ${event.key}`;
  if (queued.state === 'waiting')
    return {
      ...common,
      state: 'waiting',
      detail: `Key ${event.key} waits for its event #${expectedSeq ?? '?'}, which has not come (this is #${event.keySeq}); if it was lost: npx outbox audit --repair`,
    };
  if (ahead > 0)
    return {
      ...common,
      state: 'waiting',
      detail: `Behind ${ahead} of its key, the first of which is parked: ${first.type ?? 'an event'} ${first.eventId}: ${firstLine(reason)} Look: ${show}`,
    };
  const tries = `${attempts} ${attempts === 1 ? 'try' : 'tries'}`;
  return {
    ...common,
    state: 'parked',
    detail: `${code} after ${tries}: ${firstLine(reason)} Then: npx outbox parked redrive --consumer ${consumer} --key ${event.key}`,
  };
}

function notThereYet(
  facts: TraceFacts,
  consumer: ConsumerFacts,
  event: TracedEvent,
): Pick<SeenHop, 'state' | 'detail'> {
  const place = placeOf(facts, event);
  if (place === undefined) return { state: 'waiting', detail: 'Has not got it yet.' };
  const next = consumer.positions.get(`${event.topic} ${place.partition}`);
  if (next === undefined || next <= place.offset)
    return { state: 'waiting', detail: notRead(facts, consumer.consumer, place, next) };
  return {
    state: 'missing',
    detail: `Has read past it and recorded nothing: passed over. Run: npx outbox audit --repair`,
  };
}

/** The position is the consumer's own; whether somebody is there to move it, Kafka says of its group. */
function notRead(
  facts: TraceFacts,
  consumer: string,
  { partition, offset }: RecordPlace,
  next: number | undefined,
): string {
  const isRunning = facts.running.get(consumer);
  const start = isRunning === undefined ? ' Does it run?' : isRunning ? '' : ` Start ${consumer}.`;
  if (next === undefined) return `Has not begun to read partition ${partition}.${start}`;
  const place = `next is offset ${next} of partition ${partition}, ${offset - next + 1} behind`;
  return isRunning === false
    ? `Stopped: no instance of ${consumer} runs; ${place}.${start}`
    : `Has not come to it: ${place}.${start}`;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
