import type { Kafka } from '../platform/kafka/kafka-client.ts';
import { readCluster } from '../platform/kafka/read-cluster.ts';
import { OUTBOX_RETENTION_DAYS } from '../outbox/maintain-partitions.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { HORIZON_DAYS } from './event-horizon.ts';
import { retryWhileTransient } from './retry-while-transient.ts';

const DAY_MS = 86_400_000;

/**
 * For how long a copy of an event can still come: its outbox row can be said again as long as it is kept, the new row likewise, and
 * the record stays as long as the topic keeps it and its segment is open.
 * @param retentionMs -1: for ever
 * @returns what is wrong, undefined when what was processed is remembered for long enough
 */
export function horizonShortfall(
  topic: string,
  settings: { readonly retentionMs: number; readonly segmentMs: number },
  horizonDays = HORIZON_DAYS,
): string | undefined {
  const says = `Consumer memory of ${horizonDays} days is too short for topic ${topic}`;
  const harm = 'an event that comes again later is parked instead of being known for a copy';
  if (settings.retentionMs < 0) return `${says}, which keeps its records for ever: ${harm}.`;
  const neededDays = Math.ceil(
    2 * OUTBOX_RETENTION_DAYS + (settings.retentionMs + settings.segmentMs) / DAY_MS,
  );
  if (neededDays <= horizonDays) return undefined;
  return `${says}: with the outbox's ${OUTBOX_RETENTION_DAYS} days twice, its retention and the time of an open segment, a copy can come for ${neededDays} days; ${harm}.`;
}

/** Says so in the log, once, when Kafka is there to be asked. Nothing waits for it: it would be wrong to serve nobody for that. */
export async function checkHorizon<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
): Promise<void> {
  const { kafka, kafkaTopic, log, stopping: signal } = runtime;
  const settings = await retryWhileTransient(() => readSettings(kafka, kafkaTopic), {
    signal,
    log,
    what: 'read the settings of the topic',
  });
  // A topic that is missing stops the consumer elsewhere.
  if (settings === undefined) return;
  const shortfall = horizonShortfall(runtime.definition.topic.name, settings);
  if (shortfall !== undefined)
    log.error(
      { code: 'horizon_too_short' },
      `${shortfall} Lower retention.ms or segment.ms, or raise HORIZON_DAYS (src/consumer/event-horizon.ts).`,
    );
}

async function readSettings(
  kafka: Kafka,
  topic: string,
): Promise<{ retentionMs: number; segmentMs: number } | undefined> {
  const settings = (await readCluster(kafka, [topic])).topics.get(topic)?.settings;
  return (
    settings && {
      retentionMs: Number(settings['retention.ms'] ?? -1),
      segmentMs: Number(settings['segment.ms'] ?? 0),
    }
  );
}
