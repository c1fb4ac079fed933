import type { Kafka } from '../platform/kafka/kafka-client.ts';
import { PipelineError } from '../platform/errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { ensurePositions } from './positions.ts';

export interface LogBounds {
  /** The first offset that is still there. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/** Asks the brokers, so not for the hot path. */
export async function readLogBounds(kafka: Kafka, topic: string): Promise<Map<number, LogBounds>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]),
    );
  } finally {
    await admin.disconnect();
  }
}

/**
 * Where to go on reading some partitions. Those never read before begin at their log's first offset.
 * @throws PipelineError `position_outside_log`: going on elsewhere would skip or repeat events in silence.
 */
export async function readAlignedPositions(options: {
  kafka: Kafka;
  db: Queryable;
  consumer: string;
  topic: string;
  kafkaTopic: string;
  partitions: readonly number[];
}): Promise<Map<number, number>> {
  const { kafka, db, consumer, topic, partitions } = options;
  if (partitions.length === 0) return new Map();
  const bounds = await readLogBounds(kafka, options.kafkaTopic);
  const logStarts = new Map(partitions.map((partition) => [partition, bounds.get(partition)?.start ?? 0]));
  const positions = await ensurePositions(db, { consumer, topic, logStarts });
  const isInside = (log: LogBounds | undefined, nextOffset: number): boolean =>
    log !== undefined && nextOffset >= log.start && nextOffset <= log.end;
  if ([...positions].every(([partition, { nextOffset }]) => isInside(bounds.get(partition), nextOffset)))
    return new Map([...positions].map(([partition, position]) => [partition, position.nextOffset]));
  // Another instance may have moved the position past the end that was read before it: ask again, after it.
  const boundsAfter = await readLogBounds(kafka, options.kafkaTopic);
  for (const [partition, { nextOffset }] of positions) {
    const log = boundsAfter.get(partition);
    if (isInside(log, nextOffset)) continue;
    throw outsideLog({ consumer, topic, partition, nextOffset, log });
  }
  return new Map([...positions].map(([partition, position]) => [partition, position.nextOffset]));
}

function outsideLog(at: {
  consumer: string;
  topic: string;
  partition: number;
  nextOffset: number;
  log: LogBounds | undefined;
}): PipelineError {
  const { log, nextOffset } = at;
  const holds = log === undefined ? 'does not exist' : `holds offsets ${log.start} up to ${log.end}`;
  const lost = log !== undefined && nextOffset < log.start;
  return new PipelineError(
    'position_outside_log',
    `Consumer ${at.consumer} is at offset ${nextOffset} of topic ${at.topic}, partition ${at.partition}, but that log ${holds}.`,
    {
      remedy: lost
        ? `Retention removed ${log.start - nextOffset} records unread: apply their effects by hand, and in one transaction set next_offset to ${log.start} in pipeline.consumer_positions and last_seq of their keys in pipeline.consumer_keys.`
        : 'The topic was made anew or cut short: check that its events were all applied, then delete this consumer’s rows of the topic from pipeline.consumer_positions.',
    },
  );
}
