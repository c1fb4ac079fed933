import { lsnText } from '../../connect/lsn.ts';
import { consumerHop, kafkaHop, type SeenHop } from './judge-hop.ts';
import { layOnLine } from './line-of-time.ts';
import type { Story, StoryHop, StoryWords, StuckAt } from './story.ts';
import type { TracedEvent, TraceFacts } from './trace-facts.ts';

/** Puts what was found in the order of the way. Pure: the same facts tell the same story. */
export function tellStory(facts: TraceFacts, words: Pick<StoryWords, 'statusAfter'>): Story {
  const hops: StoryHop[] = [];
  const isAnswer = ({ eventId }: TracedEvent): boolean => {
    const cause = facts.causes.get(eventId);
    return cause !== undefined && facts.events.some((event) => event.eventId === cause.eventId);
  };
  for (const event of facts.events) if (!isAnswer(event)) tellEvent(facts, event, null, hops);
  const stuck = stuckAt(hops);
  const times = hops.flatMap(({ at }) => at ?? []).sort();
  return {
    subject: facts.subject,
    keys: [...new Set(facts.events.map(({ key }) => key))],
    status: facts.events.reduce<string | null>((last, { type }) => words.statusAfter[type] ?? last, null),
    settled: stuck === null && facts.problems.length === 0,
    stuck,
    from: times[0] ?? null,
    to: times.at(-1) ?? null,
    line: layOnLine(hops),
    hops,
    problems: facts.problems,
  };
}

/** An event's own hops; behind each consumer its answers, and so on. */
function tellEvent(facts: TraceFacts, event: TracedEvent, cause: number | null, hops: StoryHop[]): void {
  const add = (hop: SeenHop, follows: number | null): number => {
    hops.push(placed(hop, event, follows, hops));
    return hops.length - 1;
  };
  const asked = cause ?? add(requestHop(event), null);
  const committed = add(commitHop(event, facts.said.get(event.eventId)), asked);
  const inTopic = add(kafkaHop(facts, event), committed);
  for (const consumer of facts.consumers) {
    if (!consumer.expected.has(event.eventId)) continue;
    const dealt = add(consumerHop(facts, consumer, event), inTopic);
    for (const answer of facts.events) {
      const { consumer: by, eventId } = facts.causes.get(answer.eventId) ?? {};
      if (by === consumer.consumer && eventId === event.eventId) tellEvent(facts, answer, dealt, hops);
    }
  }
}

function placed(
  hop: SeenHop,
  event: TracedEvent,
  follows: number | null,
  hops: readonly StoryHop[],
): StoryHop {
  const before = follows === null ? undefined : timeBefore(hops, follows);
  return {
    ...hop,
    eventId: event.eventId,
    eventType: event.type,
    at: hop.at?.toISOString() ?? null,
    since: before === undefined ? null : new Date(before).toISOString(),
    durationMs: hop.at === null || before === undefined ? null : Math.max(0, hop.at.getTime() - before),
    follows,
  };
}

/** A hop whose time nobody wrote down lends its place to the one before it. */
function timeBefore(hops: readonly StoryHop[], index: number): number | undefined {
  const hop = hops[index];
  if (hop === undefined) return undefined;
  if (hop.at !== null) return Date.parse(hop.at);
  return hop.follows === null ? undefined : timeBefore(hops, hop.follows);
}

function requestHop(event: TracedEvent): SeenHop {
  const { eventId, rowId, traceparent } = event;
  // An event's first row has its id, an answer's id is derived from what it answers.
  const gone =
    eventId === rowId ? [] : ['the row of what it answers, or its own first one, is dropped by retention'];
  const trace = traceparent === null ? [] : [`trace ${traceparent.split('-')[1] ?? ''}`];
  return {
    kind: 'request',
    state: 'done',
    where: event.service,
    at: event.occurredAt,
    detail: [...trace, ...gone].join(', '),
    facts: traceparent === null ? {} : { traceparent },
  };
}

function commitHop(event: TracedEvent, said: string | undefined): SeenHop {
  const { key, keySeq, topic, xid, rows } = event;
  const lsn = lsnText(event.lsn);
  const parts = [said, `transaction ${xid} at ${lsn}`, `${key} #${keySeq}`];
  return {
    kind: 'commit',
    state: 'done',
    where: event.service,
    at: event.committedAt,
    detail: [...parts.filter((part) => part !== undefined), ...(rows > 1 ? [`said ${rows} times`] : [])].join(
      ', ',
    ),
    facts: { topic, key, keySeq, xid, lsn },
  };
}

/** What is broken first explains what comes after it; what is parked or lost weighs more than what only waits. */
function stuckAt(hops: readonly StoryHop[]): StuckAt | null {
  const severe = hops.findIndex(({ state }) => state === 'parked' || state === 'missing');
  const index = severe >= 0 ? severe : hops.findIndex(({ state }) => state !== 'done');
  const hop = hops[index];
  return hop === undefined ? null : { hop: index, where: hop.where, sentence: hop.detail };
}
