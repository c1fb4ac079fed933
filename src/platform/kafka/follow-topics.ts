import { randomUUID } from 'node:crypto';
import type { Admin, IHeaders, KafkaMessage } from 'kafkajs';
import { waitUntil } from '../wait-until.ts';
import type { Kafka } from './kafka-client.ts';

/** A record as it stands in the log. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970: when the producer made it or, with LogAppendTime, when the broker took it. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** A header without a value is left out. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where reading begins, in each partition. `time` is in milliseconds since 1970. */
export type StartAt = 'beginning' | 'end' | { readonly time: number } | { readonly offset: number };

export interface FollowOptions {
  readonly kafka: Kafka;
  readonly topics: readonly string[];
  readonly from: StartAt;
  /** Called one at a time, in the order of each partition; the next record waits for it. */
  readonly onRecord: (record: TopicRecord) => void | Promise<void>;
  /**
   * How long the broker may wait for the next record before it answers that there is none, and so how long `stop` may take; 250 ms
   * unless given. Longer is cheaper for a reader that stays.
   */
  readonly maxWaitMs?: number;
  /**
   * Below so many bytes the broker waits until then; 1 unless given, so that a record comes at once. A fetch for each of many small
   * records costs far more than the records.
   */
  readonly minBytes?: number;
}

export interface Following {
  stop(): Promise<void>;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  /** Of the record that comes next. */
  next: number;
}

/**
 * Reads topics on and on, as a reader of its own that nobody else notices: it commits no offsets. `end` is the end at the time of
 * the call, so that nothing written after the call is missed, although the group joins later. Trouble that passes is waited out.
 * @throws when Kafka can't be reached or a topic does not exist; nothing is left running then
 */
export async function followTopics(options: FollowOptions): Promise<Following> {
  const places = await withAdmin(options.kafka, (admin) => startPlaces(admin, options.topics, options.from));
  // The broker forgets a group without members and offsets by itself.
  const consumer = options.kafka.consumer({
    groupId: `follow-${randomUUID()}`,
    maxWaitTimeInMs: options.maxWaitMs ?? 250,
    minBytes: options.minBytes ?? 1,
    allowAutoTopicCreation: false,
    retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 3_000 },
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    // Nothing is committed, so after each join the group knows no offsets: this reader says where it is.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { topic, partition, next } of places)
        consumer.seek({ topic, partition, offset: String(next) });
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (given) => {
        const { batch } = given;
        const { topic, partition, messages } = batch;
        const place = placeOf(places, topic, partition);
        // The log ends before what was read of it: the topic was deleted and made again, and this is all of another one.
        if (Number(batch.highWatermark) < place.next) place.next = 0;
        for (const message of messages) {
          if (!given.isRunning() || given.isStale()) return;
          // A lower one was fetched before the seek took hold.
          if (Number(message.offset) >= place.next) {
            const work = options.onRecord(toRecord(topic, partition, message));
            // Who only counts has nothing to be waited for: at a thousand records a second that is a good part of what they cost.
            if (work !== undefined) {
              await work;
              await given.heartbeat();
            }
            place.next = Number(message.offset) + 1;
          }
          given.resolveOffset(message.offset);
        }
        await given.heartbeat();
      },
    });
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  return { stop: () => consumer.disconnect() };
}

/**
 * Everything that a topic without transactions holds now, by partition and offset.
 * @throws as `scanTopicToEnd`
 */
export async function readTopicToEnd(
  kafka: Kafka,
  topic: string,
  options: { from?: StartAt; timeoutMs?: number } = {},
): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  await scanTopicToEnd(kafka, topic, { ...options, onRecord: (record) => void records.push(record) });
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/**
 * Shows everything that a topic without transactions holds now, and keeps none of it.
 * @throws when Kafka can't be reached, the topic does not exist, or it was not read within `timeoutMs` (30 s unless given)
 */
export async function scanTopicToEnd(
  kafka: Kafka,
  topic: string,
  options: {
    from?: StartAt;
    timeoutMs?: number;
    onRecord: (record: TopicRecord) => void;
    /** Whether what was looked for is found, so that the rest need not be read. */
    isEnough?: () => boolean;
  },
): Promise<void> {
  const from = options.from ?? 'beginning';
  const [starts, ends] = await withAdmin(kafka, async (admin) => [
    await startPlaces(admin, [topic], from),
    await startPlaces(admin, [topic], 'end'),
  ]);
  const missing = new Map(
    ends
      .filter(
        ({ partition, next }) => next > (starts.find((start) => start.partition === partition)?.next ?? 0),
      )
      .map(({ partition, next }) => [partition, next]),
  );
  if (missing.size === 0) return;
  const following = await followTopics({
    kafka,
    topics: [topic],
    from,
    onRecord: (record) => {
      const end = missing.get(record.partition);
      if (end === undefined || record.offset >= end) return;
      options.onRecord(record);
      if (record.offset === end - 1) missing.delete(record.partition);
    },
  });
  try {
    await waitUntil(() => missing.size === 0 || options.isEnough?.() === true, {
      timeoutMs: options.timeoutMs ?? 30_000,
      what: `${topic} to be read to its end`,
    });
  } finally {
    await following.stop();
  }
}

/** A partition that was added since then has only records that are newer than the call. */
function placeOf(places: Place[], topic: string, partition: number): Place {
  const known = places.find((one) => one.topic === topic && one.partition === partition);
  if (known !== undefined) return known;
  const added = { topic, partition, next: 0 };
  places.push(added);
  return added;
}

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 4 } });
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A request that is still on its way when its admin client is closed opens a connection that nobody closes. */
async function allEnded<T>(requests: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(requests);
  return Promise.all(requests);
}

async function startPlaces(admin: Admin, topics: readonly string[], from: StartAt): Promise<Place[]> {
  const places = await allEnded(
    topics.map(async (topic) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      const byTime =
        typeof from === 'object' && 'time' in from
          ? await admin.fetchTopicOffsetsByTimestamp(topic, from.time)
          : [];
      return offsets.map(({ partition, low, high }) => ({
        topic,
        partition,
        next: startOffset(
          from,
          Number(low),
          Number(high),
          byTime.find((one) => one.partition === partition),
        ),
      }));
    }),
  );
  return places.flat();
}

function startOffset(
  from: StartAt,
  low: number,
  high: number,
  byTime: { offset: string } | undefined,
): number {
  if (from === 'beginning') return low;
  if (from === 'end') return high;
  if ('offset' in from) return Math.min(Math.max(from.offset, low), high);
  // kafkajs answers the end, or -1, where nothing is that young.
  const found = Number(byTime?.offset ?? -1);
  return found < 0 ? high : found;
}

function toRecord(topic: string, partition: number, message: KafkaMessage): TopicRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: textHeaders(message.headers ?? {}),
  };
}

function textHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    // kafkajs gives null for a header without a value, whatever its types say.
    const first = (Array.isArray(value) ? value[0] : value) as Buffer | string | null | undefined;
    if (first !== undefined && first !== null) texts[name] = first.toString('utf8');
  }
  return texts;
}
