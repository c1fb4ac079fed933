import type { Batch, KafkaMessage } from 'kafkajs';
import { logUnannounced } from './announce-held-keys.ts';
import type { SeenHold } from './announce-held-keys.ts';
import type { BatchReport } from './batch-report.ts';
import type { BegunChunk } from './batch-starts.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { eventIds } from './event-ids.ts';
import type { Hold } from './held-keys.ts';
import type { ChunkResult, CommittedChunk } from './process-chunks.ts';
import { countOutcomes, oldestOf } from './processed-events.ts';
import { failedRecord, receiveRecords } from './receive-records.ts';
import type { ReceivedEvent } from './receive-records.ts';
import { traceEvents } from './trace-events.ts';

/** Decodes a chunk and deals with it in one transaction, its own or a shared one; says what was done once it is committed. */
export async function applyChunk<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  batch: Batch,
  { chunk, clearTo }: BegunChunk<KafkaMessage>,
  attempt: number,
  signal: AbortSignal,
): Promise<ChunkResult> {
  const { definition, decoder, clock } = runtime;
  const { partition } = batch;
  const { from, to, failure } = chunk;
  const now = clock();
  const events =
    failure === undefined
      ? await receiveRecords(chunk.records, { definition, partition, decoder, now })
      : chunk.records.map((record) =>
          failedRecord(record, { topic: definition.topic.name, partition }, failure),
        );
  const traced = traceEvents(runtime, events);
  const marked = clearTo === undefined ? {} : { clearTo };
  const result = await runtime.commits.submit(
    { from, to, partition, events: traced.events, ...marked },
    signal,
  );
  if (result.kind === 'moved') return result;
  traced.committed({ recorded: result.recorded, began: result.queueing.began });
  logHeld(runtime, partition, result);
  logOutcomes(runtime, events, result);
  runtime.report({
    consumer: definition.name,
    topic: definition.topic.name,
    partition,
    from,
    to,
    highWatermark: Number(batch.highWatermark),
    ...summary(result),
    durationMs: result.durationMs,
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

/** A handler that fails for everybody would otherwise write a line for each of thousands. */
const LINES_A_BATCH = 20;

function logHeld<Payloads, Change>(
  { log, definition }: ConsumerRuntime<Payloads, Change>,
  partition: number,
  { queueing: { began, queued }, unannounced }: CommittedChunk,
): void {
  const [parkedKeys, waitingKeys] = [countState(began, 'parked'), countState(began, 'waiting')];
  logUnannounced(log, unannounced);
  for (const { event, hold } of began.slice(0, LINES_A_BATCH)) {
    const line = { ...eventIds(event, definition.topic), state: hold.state, code: hold.failure.code };
    if (hold.state === 'parked') log.error(line, 'parked an event, and its key waits behind it');
    else log.warn({ ...line, expectedSeq: hold.expectedSeq }, 'an event waits for one before it');
  }
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

function logOutcomes<Payloads, Change>(
  { log, definition: { topic, loggedOutcomes } }: ConsumerRuntime<Payloads, Change>,
  events: readonly ReceivedEvent[],
  { recorded }: CommittedChunk,
): void {
  if (loggedOutcomes === undefined) return;
  const noted = new Map(
    recorded
      .filter(({ applied, outcome }) => applied && loggedOutcomes.has(outcome))
      .map(({ event, outcome }) => [event.eventId, outcome]),
  );
  const told = noted.size === 0 ? [] : events.filter(({ identity }) => noted.has(identity.eventId));
  for (const event of told.slice(0, LINES_A_BATCH))
    log.info(
      { ...eventIds(event, topic), outcome: noted.get(event.identity.eventId) },
      'an event had an unusual outcome',
    );
}

const countState = (began: readonly SeenHold[], state: Hold['state']): number =>
  began.filter(({ hold }) => hold.state === state).length;
