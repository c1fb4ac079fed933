import type { GenericDecoder } from '../../events/generic-decoder.ts';
import { replyEventId } from '../../outbox/reply-event-id.ts';
import { describeError } from '../../platform/errors.ts';
import type { OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import { findRecords } from './find-records.ts';
import { findSubjects, type Subject } from './find-subjects.ts';
import { placeOf } from './judge-hop.ts';
import { readConsumerFacts } from './read-consumer-facts.ts';
import { readReader } from './read-reader.ts';
import { readTracedEvents } from './read-traced-events.ts';
import type { Story, StoryWords } from './story.ts';
import { tellStory } from './tell-story.ts';
import type { ConsumerFacts, ReaderFacts, TracedEvent, TraceFacts } from './trace-facts.ts';

/** What a trace is made with, besides the pipeline. */
export interface TraceOptions {
  readonly words: StoryWords;
  /** Every type of every topic: an answer's id is derived from its type. */
  readonly eventTypes: readonly string[];
  readonly decoder: GenericDecoder;
}

/** An outbox that nobody can ask hides what it has said. */
export interface FoundSubjects {
  readonly subjects: readonly Subject[];
  /** What databases said that could not be asked. */
  readonly failures: readonly unknown[];
}

/** What this id may mean in any outbox, newest first: a thing's own id, the id of an event, or a key (a customer). */
export async function findSubjectsIn(
  pipeline: Pick<OperatedPipeline, 'services'>,
  id: string,
  limit: number,
): Promise<FoundSubjects> {
  const writers = pipeline.services.filter(({ connector }) => connector !== undefined);
  const answers = await Promise.allSettled(writers.map(({ pool }) => findSubjects(pool, id, limit)));
  const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const exact = found.some(({ isExact }) => isExact) ? found.filter(({ isExact }) => isExact) : found;
  const subjects = [...Map.groupBy(exact, ({ aggregateId }) => aggregateId).values()].flatMap(
    // Who spoke of it first began it.
    (same) => same.reduce((first, one) => (one.since < first.since ? one : first)),
  );
  return { subjects: subjects.sort((a, b) => b.since.getTime() - a.since.getTime()), failures };
}

/**
 * Tells the story of one thing from what outboxes, topics, consumers and connectors know of it. Reads only; a part that can't be
 * reached is a problem in the story, the rest is told.
 * @param subject the aggregate id
 */
export async function traceSubject(
  pipeline: OperatedPipeline,
  subject: string,
  options: TraceOptions,
): Promise<Story> {
  const problems: string[] = [];
  const problem = (what: string, error: unknown): void => {
    problems.push(`${what}: ${describeError(error)}`);
  };
  const { events, causes } = await readAllEvents(pipeline, subject, options.eventTypes, problem);
  const consumers = await readConsumers(pipeline.services, events, problem);
  const found = await findRecords(pipeline, events);
  const facts: TraceFacts = {
    ...{ subject, events, causes, consumers, records: found.records, topicsRead: found.topicsRead },
    ...{ readers: new Map<string, ReaderFacts>(), said: await saidBy(events, options), problems },
  };
  const unplaced = events.filter((event) => placeOf(facts, event) === undefined);
  // Where consumers say it, the topic need not.
  for (const [topic, error] of found.failures)
    if (unplaced.some((event) => event.topic === topic)) problem(`Topic ${topic} was not read`, error);
  const readers = await readReaders(pipeline, unplaced);
  return tellStory({ ...facts, readers }, options.words);
}

type Problem = (what: string, error: unknown) => void;

/**
 * The events about it in all outboxes, and every answer to one of them, to an answer, and so on: an answer's id is derived from its
 * cause, whatever it is about.
 */
async function readAllEvents(
  { services, connectors }: Pick<OperatedPipeline, 'services' | 'connectors'>,
  subject: string,
  types: readonly string[],
  problem: Problem,
): Promise<Pick<TraceFacts, 'causes'> & { events: TracedEvent[] }> {
  const causes = new Map<string, { consumer: string; eventId: string }>();
  const events = new Map<string, TracedEvent>();
  const away = new Set<OperatedService>();
  let asked = new Set<string>();
  for (;;) {
    const wanted = { subject, eventIds: [...asked] };
    const pages = await Promise.all(
      services.map(async (service) => {
        if (service.connector === undefined || away.has(service)) return [];
        const file = connectors.find((one) => one.service === service)?.file;
        const outbox = { service: service.name, connector: file?.name ?? service.connector };
        return readTracedEvents(service.pool, wanted, outbox).catch((error: unknown) => {
          away.add(service);
          problem(`Database ${service.database} was not read`, error);
          return [];
        });
      }),
    );
    const fresh = pages.flat().filter(({ eventId }) => !events.has(eventId));
    for (const event of fresh) events.set(event.eventId, event);
    asked = new Set(fresh.flatMap((event) => answersTo(event, services, types, causes)));
    if ([...asked].every((id) => events.has(id))) break;
    // All of this thing are here already: only answers about another thing need another look.
    if (fresh.length === 0) break;
  }
  return { events: [...events.values()].sort((a, b) => (a.rowId < b.rowId ? -1 : 1)), causes };
}

function answersTo(
  { eventId }: TracedEvent,
  services: readonly OperatedService[],
  types: readonly string[],
  causes: Map<string, { consumer: string; eventId: string }>,
): string[] {
  return services.flatMap(({ consumer, connector }) => {
    if (connector === undefined) return [];
    return types.map((type) => {
      const answer = replyEventId(consumer, eventId, type);
      causes.set(answer, { consumer, eventId });
      return answer;
    });
  });
}

async function readConsumers(
  services: readonly OperatedService[],
  events: readonly TracedEvent[],
  problem: Problem,
): Promise<ConsumerFacts[]> {
  const facts = await Promise.all(
    services.map((service) =>
      readConsumerFacts(service, events).catch((error: unknown) => {
        problem(`Consumer ${service.consumer} was not asked`, error);
        return [];
      }),
    ),
  );
  return facts.flat();
}

/** A registry that is away takes the words, not the story. */
async function saidBy(
  events: readonly TracedEvent[],
  { words, decoder }: TraceOptions,
): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const { eventId, type, payload, schemaFingerprint } of events) {
    const describe = words.describe[type] as ((payload: unknown) => string) | undefined;
    if (describe === undefined) continue;
    try {
      said.set(eventId, describe((await decoder.decode(payload, schemaFingerprint)).payload));
    } catch {
      // Bytes that can't be read now are told without their words.
    }
  }
  return said;
}

async function readReaders(
  { connectors, connect }: OperatedPipeline,
  unplaced: readonly TracedEvent[],
): Promise<Map<string, ReaderFacts>> {
  const names = [...new Set(unplaced.map(({ connector }) => connector))];
  const facts = await Promise.all(
    names.map(async (name) => {
      const connector = connectors.find(({ file }) => file.name === name);
      if (connector === undefined) return [];
      const read = await readReader(connector, connect).catch(() => undefined);
      return read === undefined ? [] : [[name, read] as const];
    }),
  );
  return new Map(facts.flat());
}
