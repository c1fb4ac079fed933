import { PipelineError } from '../../platform/errors.ts';
import { followTopics, type TopicRecord } from '../../platform/kafka/follow-topics.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import { kafkaUnreachable } from '../../platform/kafka/kafka-unreachable.ts';
import { isUnknownTopic } from '../../platform/kafka/unknown-topic.ts';

/** A probe that came out of Kafka. Times in milliseconds since 1970. */
export interface ArrivedProbe {
  readonly eventId: string;
  readonly connector: string;
  readonly sentAt: number;
  readonly readAt: number | undefined;
  readonly appendedAt: number;
  readonly arrivedAt: number;
}

export interface ProbeFollower {
  /**
   * The probe, as soon as it comes or at once if it came before; undefined when it did not come in that time.
   * @throws when the reader is stopped meanwhile
   */
  waitFor(eventId: string, timeoutMs: number): Promise<ArrivedProbe | undefined>;
  stop(): Promise<void>;
}

/** So many are remembered for `waitFor`; each waits for its own within seconds. */
const REMEMBERED = 1_000;

/**
 * Reads the probes of all connectors that are appended from now on. It reads their headers only, so it needs no registry.
 * @throws PipelineError `kafka_unreachable`; `topic_missing` when there is no such topic
 */
export async function followProbes(
  kafka: Kafka,
  topic: string,
  onProbe: (probe: ArrivedProbe) => void = () => undefined,
): Promise<ProbeFollower> {
  const arrived = new Map<string, ArrivedProbe>();
  const waiting = new Map<string, (answer: Promise<ArrivedProbe | undefined>) => void>();
  const answer = (eventId: string, probe: Promise<ArrivedProbe | undefined>): void => {
    waiting.get(eventId)?.(probe);
    waiting.delete(eventId);
  };
  const onRecord = (record: TopicRecord): void => {
    const probe = toArrivedProbe(record, Date.now());
    // A row that is sent again keeps its id: the first arrival counts.
    if (probe === undefined || arrived.has(probe.eventId)) return;
    arrived.set(probe.eventId, probe);
    const [oldest] = arrived.keys();
    if (arrived.size > REMEMBERED && oldest !== undefined) arrived.delete(oldest);
    answer(probe.eventId, Promise.resolve(probe));
    onProbe(probe);
  };
  const following = await follow(kafka, topic, onRecord);
  return {
    async waitFor(eventId, timeoutMs) {
      const known = arrived.get(eventId);
      if (known !== undefined) return known;
      const timer = setTimeout(() => answer(eventId, Promise.resolve(undefined)), timeoutMs);
      try {
        return await new Promise((resolve) => waiting.set(eventId, resolve));
      } finally {
        clearTimeout(timer);
      }
    },
    async stop() {
      for (const eventId of [...waiting.keys()])
        answer(eventId, Promise.reject(new Error('Nobody reads probes any more.')));
      await following.stop();
    },
  };
}

async function follow(kafka: Kafka, topic: string, onRecord: (record: TopicRecord) => void) {
  try {
    return await followTopics({ kafka, topics: [topic], from: 'end', onRecord });
  } catch (error) {
    if (isUnknownTopic(error))
      throw new PipelineError('topic_missing', `Topic ${topic} does not exist.`, {
        remedy: 'Run: npx outbox topics apply',
        cause: error,
      });
    throw kafkaUnreachable(error);
  }
}

/** Undefined for a record that no outbox connector wrote. */
function toArrivedProbe(
  { headers, key, timestamp }: TopicRecord,
  arrivedAt: number,
): ArrivedProbe | undefined {
  const { id, occurredAt, readAt } = headers;
  const sentAt = Date.parse(occurredAt ?? '');
  if (id === undefined || key === null || Number.isNaN(sentAt)) return undefined;
  return {
    eventId: id,
    connector: key.toString('utf8'),
    sentAt,
    readAt: /^\d+$/.test(readAt ?? '') ? Number(readAt) : undefined,
    appendedAt: timestamp,
    arrivedAt,
  };
}
