import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { applyChunk } from './apply-chunk.ts';
import type { BatchStarts } from './batch-starts.ts';
import { chunkRecords } from './chunk-records.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import type { DisplayOffsets } from './display-offsets.ts';
import { eventIds } from './event-ids.ts';
import { identifyRecord } from './identify-record.ts';
import { keepSessionAlive } from './keep-session-alive.ts';
import type { PartitionPositions } from './partition-positions.ts';
import { refuseOtherLog } from './refuse-other-log.ts';
import { retryWhileTransient } from './retry-while-transient.ts';
import { splitFailingChunk } from './split-failing-chunk.ts';
import type { PendingChunk } from './split-failing-chunk.ts';
import { stoppedBy } from './stopped-by.ts';

/** kafkajs has the offset it asked for on its batches, but not in its types. */
type FetchedBatch = Batch & { readonly fetchedOffset: string };

export interface BatchLoopOptions<Payloads, Change> {
  readonly runtime: ConsumerRuntime<Payloads, Change>;
  readonly positions: PartitionPositions;
  readonly display: DisplayOffsets;
  readonly starts: BatchStarts;
  /** Of the session that the batch came in. */
  readonly ended: AbortSignal;
}

/**
 * Deals with one fetched batch of one partition. Throws nothing but a failed heartbeat's error: kafkajs would take
 * any other for a reason to fetch the same batch again, a few times, and then to give up without a word.
 */
export async function processBatch<Payloads, Change>(
  options: BatchLoopOptions<Payloads, Change>,
  payload: EachBatchPayload,
): Promise<void> {
  const { runtime, ended } = options;
  await keepSessionAlive(
    () => payload.heartbeat(),
    async (lost) => {
      const signal = AbortSignal.any([runtime.stopping, ended, lost]);
      try {
        await processChunks(options, payload, signal);
      } catch (error) {
        // Stopping, or the session is over: what is not committed comes again.
        if (signal.aborted) return;
        runtime.fail(error);
      }
    },
  );
}

async function processChunks<Payloads, Change>(
  options: BatchLoopOptions<Payloads, Change>,
  payload: EachBatchPayload,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, positions, starts } = options;
  const batch = payload.batch as FetchedBatch;
  const { partition } = batch;
  const retry = <T>(what: string, work: (attempt: number) => Promise<T>, about?: () => object): Promise<T> =>
    retryWhileTransient(work, {
      ...{ signal, log: runtime.log, what, onRetry: runtime.reportRetry },
      about: about ?? (() => ({ partition })),
    });
  const realign = (): Promise<void> => retry('read the position', () => positions.realign(partition, signal));

  const from = await retry('read the position', () => positions.next(partition));
  // A seek is under way: this batch was fetched from somewhere else.
  if (payload.isStale()) return;
  if (isForVerification(options, batch, from)) return;
  if (!positions.joins(partition, Number(batch.fetchedOffset))) return realign();

  const span = { from, end: Number(batch.lastOffset()) + 1, maxSize: runtime.maxBatchSize };
  const pending: PendingChunk<KafkaMessage>[] = chunkRecords(batch.messages, span);
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const chunk = next;
    const begun = await retry('mark a batch', () => starts.begin(partition, chunk));
    const work = retry(
      'apply a batch',
      (attempt) => applyChunk(runtime, batch, begun, attempt, signal),
      () => aboutChunk(runtime, partition, begun.chunk),
    );
    pending.unshift(...begun.rest);
    const result = await work.catch(async (error: unknown) => {
      await starts.survived(partition, begun.chunk.to);
      if (signal.aborted) throw error;
      const instead = splitFailingChunk(begun.chunk, error);
      if (instead === undefined) throw stoppedBy(error, runtime.definition, partition, begun.chunk);
      pending.unshift(...instead);
    });
    if (result === undefined) continue;
    if (result.kind === 'moved') return realign();
    // From here on the database has it. Dying before the next line only means that the next owner starts further on.
    const { to, records } = begun.chunk;
    positions.moved(partition, to);
    starts.committed(partition, result.isTrusted);
    payload.resolveOffset(records.at(-1)?.offset ?? batch.lastOffset());
    options.display.note(partition, to);
    if (payload.isStale()) return;
  }
}

/**
 * Whether it was fetched only to see that the log is still the one that was read.
 * @throws PipelineError `position_outside_log` when it is another one
 */
function isForVerification<Payloads, Change>(
  { runtime, positions }: BatchLoopOptions<Payloads, Change>,
  { partition, fetchedOffset, messages }: FetchedBatch,
  next: number,
): boolean {
  const last = positions.toVerify(partition, Number(fetchedOffset));
  if (last === undefined) return false;
  refuseOtherLog(runtime.definition, { partition, next, last }, messages[0]);
  positions.verified(partition);
  return true;
}

/** The first of its events stands for all. */
function aboutChunk<Payloads, Change>(
  { definition: { topic } }: ConsumerRuntime<Payloads, Change>,
  partition: number,
  { records, from, to }: PendingChunk<KafkaMessage>,
): object {
  const [record] = records;
  if (record === undefined) return { partition, from, to };
  const identity = identifyRecord(record, { topic: topic.name, partition });
  return { ...eventIds({ identity, record }, topic), from, to };
}
