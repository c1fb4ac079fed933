import type { Kafka } from '../platform/kafka/kafka-client.ts';
import { PipelineError } from '../platform/errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { ensurePositions } from './positions.ts';
import type { EventPlace, Position } from './positions.ts';

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

/** Where to go on reading a partition. */
export interface AlignedPosition {
  readonly next: number;
  /** To be found there before anything is read; undefined when nothing was read yet, or the log no longer has it. */
  readonly last?: EventPlace;
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
}): Promise<Map<number, AlignedPosition>> {
  const { kafka, db, consumer, topic, partitions } = options;
  if (partitions.length === 0) return new Map();
  const bounds = await readLogBounds(kafka, options.kafkaTopic);
  const logStarts = new Map(partitions.map((partition) => [partition, bounds.get(partition)?.start ?? 0]));
  const positions = await ensurePositions(db, { consumer, topic, logStarts });
  const isInside = (log: LogBounds | undefined, nextOffset: number): boolean =>
    log !== undefined && nextOffset >= log.start && nextOffset <= log.end;
  if ([...positions].every(([partition, { nextOffset }]) => isInside(bounds.get(partition), nextOffset)))
    return alignedWith(positions, bounds);
  // Another instance may have moved the position past the end that was read before it: ask again, after it.
  const boundsAfter = await readLogBounds(kafka, options.kafkaTopic);
  for (const [partition, { nextOffset }] of positions) {
    const log = boundsAfter.get(partition);
    if (isInside(log, nextOffset)) continue;
    throw outsideLog({ consumer, topic, partition, nextOffset, log });
  }
  return alignedWith(positions, boundsAfter);
}

function alignedWith(
  positions: ReadonlyMap<number, Position>,
  bounds: ReadonlyMap<number, LogBounds>,
): Map<number, AlignedPosition> {
  return new Map(
    [...positions].map(([partition, { nextOffset: next, last }]) => {
      const isThere = last !== undefined && last.offset >= (bounds.get(partition)?.start ?? 0);
      return [partition, { next, ...(isThere && { last }) }];
    }),
  );
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
  const why = lost
    ? `Retention removed ${log.start - nextOffset} records unread`
    : 'The topic was made anew or cut short';
  return new PipelineError(
    'position_outside_log',
    `Consumer ${at.consumer} is at offset ${nextOffset} of topic ${at.topic}, partition ${at.partition}, but that log ${holds}.`,
    { remedy: `${why}. ${beginAgain(at.consumer)}` },
  );
}

/** What makes a position fit a log again. */
export const beginAgain = (consumer: string): string =>
  `Run: npx outbox positions reset --consumer ${consumer}. Start it; then npx outbox audit --repair says again what it has missed.`;
