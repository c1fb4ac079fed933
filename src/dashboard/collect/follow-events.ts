import { setTimeout as delay } from 'node:timers/promises';
import { createGenericDecoder, type GenericDecoder } from '../../events/generic-decoder.ts';
import type { OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { describeError } from '../../platform/errors.ts';
import { followTopics, type TopicRecord } from '../../platform/kafka/follow-topics.ts';
import type { EventRow } from '../dashboard-state.ts';

/** Rows a second, and so many at once: a burst of a few events is shown whole. */
const ROWS_PER_SECOND = 20;
const MOST_TEXT = 300;
const OPEN_AGAIN_MS = 5_000;
/** Pages are told twice a second: what comes between need not be fetched one by one. */
const FETCH = { maxWaitMs: 400, minBytes: 500_000 } as const;

export interface FollowedEvents {
  stop(): Promise<void>;
}

/** Reads topics as they grow, as `outbox events tail` does: every record is counted, a sample of them decoded. */
export function followEvents(
  { kafka, topicPrefix, registry }: Pick<OperatedPipeline, 'kafka' | 'topicPrefix' | 'registry'>,
  topics: readonly string[],
  on: {
    readonly record: (record: TopicRecord) => void;
    readonly row: (row: EventRow) => void;
    readonly problem: (problem: string | null) => void;
  },
): FollowedEvents {
  const decoder = createGenericDecoder(registry);
  const mayShow = sampler(ROWS_PER_SECOND);
  const stopped = new AbortController();
  const { signal } = stopped;
  const onRecord = (record: TopicRecord): void => {
    on.record(record);
    // Not waited for: a registry that does not answer must not hold up the count.
    if (mayShow(Date.now())) void describeEvent(decoder, record, topicPrefix).then(on.row);
  };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const following = await followTopics({
          kafka,
          topics: topics.map((topic) => topicPrefix + topic),
          from: 'end',
          onRecord,
          ...FETCH,
        });
        on.problem(null);
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve, { once: true });
          if (signal.aborted) resolve(undefined);
        });
        await following.stop();
      } catch (error) {
        on.problem(`The topics can't be followed: ${describeError(error)}`);
        await delay(OPEN_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const following = follow();
  return {
    stop: async () => {
      stopped.abort();
      await following;
    },
  };
}

/** Lets at most so many a second through, and as many at once after a pause. Time is passed in. */
export function sampler(perSecond: number): (now: number) => boolean {
  let left = perSecond;
  let last = 0;
  return (now) => {
    left = Math.min(perSecond, left + (Math.max(0, now - last) * perSecond) / 1_000);
    last = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

async function describeEvent(
  decoder: GenericDecoder,
  record: TopicRecord,
  topicPrefix: string,
): Promise<EventRow> {
  const { topic, partition, offset, headers, key, timestamp } = record;
  return {
    eventId: headers['id'] ?? `${topic}/${partition}/${offset}`,
    at: timestamp,
    topic: topic.startsWith(topicPrefix) ? topic.slice(topicPrefix.length) : topic,
    partition,
    offset,
    type: headers['eventType'] ?? '?',
    key: key?.toString('utf8') ?? null,
    aggregateId: headers['aggregateId'] ?? null,
    text: await textOf(decoder, record),
  };
}

async function textOf(decoder: GenericDecoder, { value, headers }: TopicRecord): Promise<string> {
  if (value === null) return 'no value';
  try {
    const { payload } = await decoder.decode(value, headers['schemaFingerprint']);
    return cut(
      JSON.stringify(payload, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)),
    );
  } catch (error) {
    return cut(describeError(error));
  }
}

const cut = (text: string): string => (text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT - 1)}…`);
