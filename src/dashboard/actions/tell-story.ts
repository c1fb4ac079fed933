import type { OperatedPipeline, OperatedService } from '../../operate/operated-pipeline.ts';
import { describeError } from '../../platform/errors.ts';
import { notFound } from '../../platform/http/problem.ts';
import type { OrderStory, StoryHop } from '../dashboard-state.ts';
import {
  readDealtWith,
  readOrderEvents,
  readSubscriptions,
  type DealtWithRow,
  type OrderEventRow,
  type Subscription,
} from '../sql/read-order-events.ts';

/** An event and the service whose outbox has it. */
export interface StoryEvent extends OrderEventRow {
  readonly service: string;
  readonly connector: string;
}

export interface StoryFacts {
  readonly orderId: string;
  /** Oldest first. */
  readonly events: readonly StoryEvent[];
  readonly dealtWith: readonly DealtWithRow[];
  readonly subscriptions: readonly Subscription[];
  readonly problems: readonly string[];
}

const STATUS: Readonly<Record<string, string>> = {
  OrderPlaced: 'PLACED',
  OrderConfirmed: 'CONFIRMED',
  OrderRejected: 'REJECTED',
  OrderCancelled: 'CANCELLED',
};

/**
 * The way of one order so far, from what outboxes and consumers have written down.
 * @throws HttpProblem 404 when no outbox knows it
 */
export async function tellStory(
  { services }: Pick<OperatedPipeline, 'services'>,
  orderId: string,
): Promise<OrderStory> {
  const problems: string[] = [];
  const asked = async <T>(service: OperatedService, answer: Promise<T[]>): Promise<T[]> =>
    answer.catch((error: unknown) => {
      problems.push(`Database ${service.database} was not read: ${describeError(error)}`);
      return [];
    });
  const said = await Promise.all(
    services.map(async (service): Promise<StoryEvent[]> => {
      const { connector, name } = service;
      if (connector === undefined) return [];
      const rows = await asked(service, readOrderEvents(service.pool, orderId));
      return rows.map((row) => ({ ...row, service: name, connector }));
    }),
  );
  const events = said.flat().sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
  if (events.length === 0 && problems.length === 0) throw notFound(`Nothing is known of order ${orderId}.`);
  const ids = events.map(({ eventId }) => eventId);
  const dealt = await Promise.all(
    services.map((service) => asked(service, readDealtWith(service.pool, ids))),
  );
  const subscribed = await Promise.all(
    services.map((service) => asked(service, readSubscriptions(service.pool))),
  );
  return storyOf({
    ...{ orderId, events, dealtWith: dealt.flat(), subscriptions: subscribed.flat() },
    problems: [...new Set(problems)],
  });
}

/** Puts it in the order of the way. Pure. */
export function storyOf({ orderId, events, dealtWith, subscriptions, problems }: StoryFacts): OrderStory {
  const hops: StoryHop[] = [];
  let last: number | null = null;
  const add = (
    hop: Omit<StoryHop, 'at' | 'durationMs'> & { readonly at: Date | null },
    since = last,
  ): void => {
    const at = hop.at?.getTime() ?? null;
    const durationMs = at === null || since === null ? null : Math.max(0, at - since);
    hops.push({ ...hop, at: hop.at?.toISOString() ?? null, durationMs });
    last = at ?? last;
  };
  for (const event of events) {
    const { type: eventType, service, connector, topic } = event;
    if (hops.length === 0)
      add({ kind: 'request', state: 'done', where: service, eventType, at: event.occurredAt, detail: '' });
    add({
      ...{ kind: 'commit' as const, state: 'done' as const, where: service, eventType },
      at: event.committedAt ?? event.occurredAt,
      detail: 'in its outbox, with its own rows',
    });
    const committed: number | null = last;
    const readers = subscriptions.filter((one) => one.topic === topic && one.type === eventType);
    // Nobody waits for it, so nobody writes down that it came.
    if (readers.length === 0) continue;
    const seen = dealtWith.filter(({ eventId }) => eventId === event.eventId);
    const place = seen[0] === undefined ? '' : `, partition ${seen[0].partition}, offset ${seen[0].offset}`;
    const state = seen.length > 0 ? 'done' : 'waiting';
    add({ kind: 'kafka', state, where: connector, eventType, at: null, detail: `${topic}${place}` });
    for (const { consumer } of readers) add(consumerHop(consumer, eventType, seen), committed);
  }
  const status = events.reduce<string | null>((before, { type }) => STATUS[type] ?? before, null);
  const index = hops.findIndex(({ state }) => state !== 'done');
  const open = hops[index];
  const isOver = status !== null && status !== 'PLACED';
  return {
    subject: orderId,
    status,
    settled: isOver && open === undefined && problems.length === 0,
    stuck: open === undefined ? null : { hop: index, where: open.where, sentence: sentenceOf(open) },
    hops,
    problems,
  };
}

function consumerHop(consumer: string, eventType: string, seen: readonly DealtWithRow[]) {
  const row = seen.find((one) => one.consumer === consumer);
  const common = { kind: 'consumer' as const, where: consumer, eventType };
  if (row === undefined) return { ...common, state: 'waiting' as const, at: null, detail: '' };
  if (row.isHeld) return { ...common, state: 'parked' as const, at: null, detail: row.outcome };
  return { ...common, state: 'done' as const, at: row.at, detail: row.outcome };
}

function sentenceOf({ kind, state, where, eventType, detail }: StoryHop): string {
  if (state === 'parked') return `${where} holds ${eventType} back: ${detail}`;
  return kind === 'kafka'
    ? `${eventType} is in the outbox and not yet known to be in Kafka (${where}).`
    : `${where} has not dealt with ${eventType} yet.`;
}
