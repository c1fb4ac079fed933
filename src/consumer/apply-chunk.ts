import type { Batch, KafkaMessage } from 'kafkajs';
import { logUnannounced } from './announce-held-keys.ts';
import type { SeenHold } from './announce-held-keys.ts';
import type { BatchReport } from './batch-report.ts';
import type { BegunChunk } from './batch-starts.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import type { Hold } from './held-keys.ts';
import { processChunk } from './process-chunk.ts';
import type { ChunkResult, CommittedChunk } from './process-chunk.ts';
import { countOutcomes, oldestOf } from './processed-events.ts';
import { failedRecord, receiveRecords } from './receive-records.ts';

/** Decodes a chunk and deals with it in one transaction; says what was done once it is committed. */
export async function applyChunk<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  batch: Batch,
  { chunk, clearTo }: BegunChunk<KafkaMessage>,
  attempt: number,
): Promise<ChunkResult> {
  const { definition, decoder, pool, clock } = runtime;
  const { partition } = batch;
  const { from, to, failure } = chunk;
  const now = clock();
  const events =
    failure === undefined
      ? await receiveRecords(chunk.records, { definition, partition, decoder, now })
      : chunk.records.map((record) =>
          failedRecord(record, { topic: definition.topic.name, partition }, failure),
        );
  const startedAt = performance.now();
  const marked = clearTo === undefined ? {} : { clearTo };
  const result = await processChunk(
    pool,
    definition,
    { from, to, partition, events, ...marked },
    now,
    runtime.caps,
  );
  if (result.kind === 'moved') return result;
  logHeld(runtime, partition, result);
  runtime.report({
    consumer: definition.name,
    topic: definition.topic.name,
    partition,
    from,
    to,
    highWatermark: Number(batch.highWatermark),
    ...summary(result),
    durationMs: performance.now() - startedAt,
    committedAt: clock(),
    attempts: attempt,
  });
  // The process may die here: whoever tends the held keys finds by itself that one of them can go on.
  if (result.queueing.canGoOn) runtime.tendHeldKeys();
  return result;
}

function summary({
  recorded,
  taken,
  queueing,
  duplicates,
  beforeBase,
}: CommittedChunk): Omit<
  BatchReport,
  | 'consumer'
  | 'topic'
  | 'partition'
  | 'from'
  | 'to'
  | 'highWatermark'
  | 'committedAt'
  | 'durationMs'
  | 'attempts'
> {
  const applied = recorded.filter((event) => event.applied);
  const count = (word: string): number =>
    recorded.filter((event) => !event.applied && event.outcome === word).length;
  return {
    applied: applied.length,
    ignored: count('ignored'),
    unknownTypes: count('unknown_type'),
    duplicates,
    beforeBase,
    queued: queueing.queued,
    parkedKeys: countState(queueing.began, 'parked'),
    waitingKeys: countState(queueing.began, 'waiting'),
    taken,
    outcomes: countOutcomes(applied),
    oldestOccurredAt: oldestOf(applied),
  };
}

function logHeld<Payloads, Change>(
  { log }: ConsumerRuntime<Payloads, Change>,
  partition: number,
  { queueing: { began, queued }, unannounced }: CommittedChunk,
): void {
  const [parkedKeys, waitingKeys] = [countState(began, 'parked'), countState(began, 'waiting')];
  logUnannounced(log, unannounced);
  if (parkedKeys > 0)
    log.error(
      { partition, parkedKeys, queued },
      'parked keys whose events fail; see `npx outbox parked list`',
    );
  if (waitingKeys > 0)
    log.warn(
      { partition, waitingKeys, queued },
      'keys wait for a missing event; see `npx outbox parked list`',
    );
}

const countState = (began: readonly SeenHold[], state: Hold['state']): number =>
  began.filter(({ hold }) => hold.state === state).length;
