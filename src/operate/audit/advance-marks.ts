import { readTopicEnds } from '../../platform/kafka/read-topic-ends.ts';
import type { AuditedOutbox, AuditedPipeline } from './audited-pipeline.ts';
import { fitsLog, passedByConsumer, passedBySlot, type Mark, type Offsets } from './passed-marks.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { readConfirmed } from './read-outbox.ts';
import { topicsOf, type Reader } from './readers.ts';

/** Up to which rows of one outbox slot and consumers are known to have come. */
export interface Passed {
  /** Rows with a lower id; undefined when none is known to have been passed. */
  readonly bySlot: string | undefined;
  readonly byConsumer: (reader: Reader, topic: string) => string | undefined;
  /** Why the slot's position is not trusted, in a sentence. */
  readonly doubt: string | undefined;
}

const NOWHERE = { bySlot: undefined, byConsumer: () => undefined };

/**
 * Sees how far slot and consumers have come. The order of the looks is what the proof stands on: first the slot has passed a
 * moment's rows, then the topics' ends are read (behind all records of these rows), then positions at or behind these ends, and after all
 * that whoever calls this asks once more what was recorded. A position moves in the transaction that records, so what is still not
 * recorded then is lost.
 * @param marks replaced by ones that know more; kept for later rounds, when positions have come further
 * @throws PipelineError `kafka_unreachable`; what Connect and the databases say
 */
export async function advanceMarks(
  pipeline: AuditedPipeline,
  outbox: { readonly db: Queryable } & AuditedOutbox,
  readers: readonly Reader[],
  memory: { marks: readonly Mark[] },
): Promise<Passed> {
  const slotMark = passedBySlot(memory.marks, await readConfirmed(outbox.db, outbox.slot));
  if (slotMark === undefined) return { ...NOWHERE, doubt: undefined };
  const topics = [...new Set(readers.flatMap(topicsOf))];
  if (slotMark.ends === undefined) {
    const doubt = await outbox.doubt();
    if (doubt !== undefined) return { ...NOWHERE, doubt };
    const ends = await readEnds(pipeline, topics);
    memory.marks = memory.marks.map((mark) => (mark === slotMark ? { ...mark, ends } : mark));
  }
  const positions = await readPositionsOf(readers);
  const ends = await readEnds(pipeline, topics);
  return {
    bySlot: slotMark.before,
    byConsumer: (reader, topic) => {
      const of = positions.get(reader)?.get(topic) ?? new Map<number, number>();
      if (!fitsLog(of, ends.get(topic) ?? new Map<number, number>())) return undefined;
      return passedByConsumer(memory.marks, topic, of)?.before;
    },
    doubt: undefined,
  };
}

/** By the topics' names in the catalogue, as the databases have them. */
async function readEnds(
  { kafka, topicPrefix }: AuditedPipeline,
  topics: readonly string[],
): Promise<Map<string, Offsets>> {
  const ends = await readTopicEnds(
    kafka,
    topics.map((topic) => topicPrefix + topic),
  );
  return new Map([...ends].map(([topic, offsets]) => [topic.slice(topicPrefix.length), offsets]));
}

type Positions = ReadonlyMap<string, Offsets>;

/** By topic. A reader whose database does not answer has no positions, so nothing of it is called lost. */
async function readPositionsOf(readers: readonly Reader[]): Promise<Map<Reader, Positions>> {
  const read = await Promise.allSettled(readers.map(readPositions));
  return new Map(
    readers.flatMap((reader, index) => {
      const one = read[index];
      return one?.status === 'fulfilled' ? [[reader, one.value] as const] : [];
    }),
  );
}

async function readPositions({ service, consumer }: Reader): Promise<Positions> {
  const { rows } = await service.db.query<{ topic: string; partition: number; next_offset: number }>({
    name: 'audit_read_positions',
    text: 'select topic, partition, next_offset from pipeline.consumer_positions where consumer = $1',
    values: [consumer],
  });
  return new Map(
    [...Map.groupBy(rows, ({ topic }) => topic)].map(([topic, some]) => [
      topic,
      new Map(some.map(({ partition, next_offset: next }) => [partition, next])),
    ]),
  );
}
