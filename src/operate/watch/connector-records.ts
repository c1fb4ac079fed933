import {
  addStatusRecord,
  connectorHistories,
  partKey,
  type PartHistory,
} from '../../connect/connector-history.ts';
import {
  followTopics,
  readTopicToEnd,
  type Following,
  type StartAt,
  type TopicRecord,
} from '../../platform/kafka/follow-topics.ts';
import type { Kafka } from '../../platform/kafka/kafka-client.ts';
import { foundOf, lookInKafka, type Looked } from './connector-look.ts';

/** What Kafka tells of connectors: the worker's status topic and their heartbeats. */
export interface ConnectorRecords {
  history(connector: string, part: string): PartHistory | undefined;
  /** When the newest heartbeat of this topic was written. */
  heartbeatAt(topic: string): Looked<Date | undefined>;
}

export interface RecordPlaces {
  readonly kafka: Kafka;
  /** The worker's `status.storage.topic`. */
  readonly statusTopic: string;
  readonly heartbeatTopics: readonly string[];
  /** As of `followTopics`, for who follows them. */
  readonly maxWaitMs?: number;
}

/** Heartbeats come every few seconds; older ones are as good as none, and take time to read. */
const HEARTBEATS_OF_MS = 15 * 60_000;
const ANSWER_WITHIN_MS = 8_000;
const OPEN_AGAIN_MS = 5_000;

/** One reading, for one look. Never throws: a topic that is not there, or a Kafka that does not answer, leaves its column empty. */
export async function readConnectorRecords(places: RecordPlaces, now: Date): Promise<ConnectorRecords> {
  const read = (topic: string, from: StartAt): Promise<Looked<TopicRecord[]>> =>
    lookInKafka(
      readTopicToEnd(places.kafka, topic, { from, timeoutMs: ANSWER_WITHIN_MS }),
      ANSWER_WITHIN_MS + 1_000,
    );
  const [statuses, ...heartbeats] = await Promise.all([
    read(places.statusTopic, 'beginning'),
    ...places.heartbeatTopics.map((topic) => read(topic, { time: now.getTime() - HEARTBEATS_OF_MS })),
  ]);
  const histories = connectorHistories(foundOf(statuses) ?? []);
  return {
    history: (connector, part) => histories.get(partKey(connector, part)),
    heartbeatAt(topic) {
      const records = heartbeats[places.heartbeatTopics.indexOf(topic)];
      if (records === undefined || !('found' in records)) return records;
      const newest = Math.max(0, ...records.found.map(({ timestamp }) => timestamp));
      return { found: newest === 0 ? undefined : new Date(newest) };
    },
  };
}

export interface FollowedRecords extends ConnectorRecords {
  stop(): Promise<void>;
}

/** Goes on reading, for look after look. Topics that are not there yet, or a Kafka that is away, are tried again. */
export function followConnectorRecords(places: RecordPlaces, now: Date): FollowedRecords {
  const histories = new Map<string, PartHistory>();
  const newest = new Map<string, Date>();
  const statuses = keepFollowing(places, places.statusTopic, 'beginning', (record) =>
    addStatusRecord(histories, record),
  );
  const from = { time: now.getTime() - HEARTBEATS_OF_MS };
  const heartbeats = new Map(
    places.heartbeatTopics.map((topic) => [
      topic,
      keepFollowing(places, topic, from, ({ timestamp }) => newest.set(topic, new Date(timestamp))),
    ]),
  );
  return {
    history: (connector, part) => histories.get(partKey(connector, part)),
    heartbeatAt(topic) {
      const opened = heartbeats.get(topic)?.opened();
      return opened !== undefined && 'found' in opened ? { found: newest.get(topic) } : opened;
    },
    stop: async () => {
      await Promise.all([statuses, ...heartbeats.values()].map((follower) => follower.stop()));
    },
  };
}

interface Follower {
  /** Undefined while it is on its way, and where there is no such topic. */
  opened(): Looked<Following>;
  stop(): Promise<void>;
}

function keepFollowing(
  { kafka, maxWaitMs }: Pick<RecordPlaces, 'kafka' | 'maxWaitMs'>,
  topic: string,
  from: StartAt,
  onRecord: (record: TopicRecord) => void,
): Follower {
  let opened: Looked<Following>;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const open = async (): Promise<void> => {
    opened = await lookInKafka(
      followTopics({ kafka, topics: [topic], from, onRecord, ...(maxWaitMs !== undefined && { maxWaitMs }) }),
    );
    if (foundOf(opened) === undefined && !stopped)
      timer = setTimeout(() => {
        opening = open();
      }, OPEN_AGAIN_MS);
  };
  let opening = open();
  return {
    opened: () => opened,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await opening;
      await foundOf(opened)?.stop();
    },
  };
}
