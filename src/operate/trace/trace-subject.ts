import type { GenericDecoder } from '../../events/generic-decoder.ts';
import { describeError } from '../../platform/errors.ts';
import type { OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import { findRecords, type KnownRecords } from './find-records.ts';
import { placeOf } from './judge-hop.ts';
import { readAllEvents, type ReadEvents } from './read-all-events.ts';
import { readConsumerFacts } from './read-consumer-facts.ts';
import { readReader } from './read-reader.ts';
import { readRunning } from './read-running.ts';
import type { Story, StoryWords } from './story.ts';
import { tellStory } from './tell-story.ts';
import type { ConsumerFacts, ReaderFacts, TracedEvent, TraceFacts } from './trace-facts.ts';

/** What a trace is made with, besides the pipeline. */
export interface TraceOptions {
  readonly words: StoryWords;
  /** Every type of every topic: an answer's id is derived from its type. */
  readonly eventTypes: readonly string[];
  readonly decoder: GenericDecoder;
  /** Records that need not be looked for; those that are found are added. */
  readonly knownRecords?: KnownRecords;
}

/** An order that says more than that while it is looked at is looked at again by whoever asked. */
const LOOKS = 4;

/**
 * Tells the story of one thing from what outboxes, topics, consumers and connectors know of it. Reads only; a part that can't be
 * reached is a problem in the story, the rest is told.
 *
 * All of it goes on while it is read, so the order counts: what has been read is never newer than what is read next. Consumers and
 * slots are asked before topics: what they are past must be in a topic that is read to its end later, else it is lost.
 * @param subject the aggregate id
 */
export async function traceSubject(
  pipeline: OperatedPipeline,
  subject: string,
  options: TraceOptions,
): Promise<Story> {
  const { events, causes, consumers, problems } = await readSteadily(pipeline, subject, options.eventTypes);
  const none = new Map<string, never>();
  const facts: TraceFacts = {
    ...{ subject, events, causes, consumers, problems, records: none, topicsRead: new Set() },
    ...{ running: none, readers: none, said: await saidBy(events, options) },
  };
  const readers = await readReaders(pipeline, unplaced(facts));
  const found = await findRecords(pipeline, events, options.knownRecords);
  const whole = { ...facts, readers, records: found.records, topicsRead: found.topicsRead };
  // Where consumers say it, the topic need not.
  for (const [topic, error] of found.failures)
    if (unplaced(whole).some((event) => event.topic === topic))
      problems.push(`Topic ${topic} was not read: ${describeError(error)}`);
  const running = await readRunning(pipeline, waitedFor(whole));
  return tellStory({ ...whole, running }, options.words);
}

type Steady = Pick<ReadEvents, 'events' | 'causes'> & {
  readonly consumers: readonly ConsumerFacts[];
  readonly problems: string[];
};

/**
 * Events, then what consumers made of them, then the events again: an answer that was said meanwhile belongs to what its consumer
 * recorded, and without it the story would end too early.
 */
async function readSteadily(
  pipeline: OperatedPipeline,
  subject: string,
  types: readonly string[],
): Promise<Steady> {
  let read = await readAllEvents(pipeline, subject, types);
  for (let look = 1; ; look += 1) {
    const problems: string[] = [];
    const consumers = await readConsumers(pipeline.services, read.events, problems);
    const again = await readAllEvents(pipeline, subject, types);
    for (const [database, error] of again.failures)
      problems.unshift(`Database ${database} was not read: ${describeError(error)}`);
    const isSame = again.events.length === read.events.length;
    if (!isSame && look === LOOKS)
      problems.push('More was said of it while it was looked at; look again for all of it.');
    if (isSame || look === LOOKS) return { events: read.events, causes: read.causes, consumers, problems };
    read = again;
  }
}

async function readConsumers(
  services: readonly OperatedService[],
  events: readonly TracedEvent[],
  problems: string[],
): Promise<ConsumerFacts[]> {
  const facts = await Promise.all(
    services.map((service) =>
      readConsumerFacts(service, events).catch((error: unknown) => {
        problems.push(`Consumer ${service.consumer} was not asked: ${describeError(error)}`);
        return [];
      }),
    ),
  );
  return facts.flat();
}

/** Events of which neither a topic nor a consumer says where they are. */
const unplaced = (facts: TraceFacts): TracedEvent[] =>
  facts.events.filter((event) => placeOf(facts, event) === undefined);

/** Consumers that have not read an event that is in its topic. */
const waitedFor = (facts: TraceFacts): string[] =>
  facts.consumers.flatMap(({ consumer, expected, recorded, queued }) =>
    facts.events.some(
      (event) =>
        expected.has(event.eventId) &&
        !recorded.has(event.eventId) &&
        !queued.has(event.eventId) &&
        placeOf(facts, event) !== undefined,
    )
      ? [consumer]
      : [],
  );

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
  events: readonly TracedEvent[],
): Promise<Map<string, ReaderFacts>> {
  const names = [...new Set(events.map(({ connector }) => connector))];
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
