import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, EachBatchHandler } from 'kafkajs';
import { PipelineError } from '../platform/errors.ts';
import { processBatch } from './batch-loop.ts';
import type { BatchLoopOptions } from './batch-loop.ts';
import { BatchStarts } from './batch-starts.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { createDisplayOffsets } from './display-offsets.ts';
import type { DisplayOffsets } from './display-offsets.ts';
import { PartitionPositions } from './partition-positions.ts';
import { pause } from './pause.ts';
import { readAlignedPositions } from './read-aligned-positions.ts';
import type { AlignedPosition } from './read-aligned-positions.ts';
import { clearStart, readStart, writeStart } from './started-batches.ts';
import { retryWhileTransient } from './retry-while-transient.ts';

/** A process that is gone gives its partitions back after this; app roles' idle_in_transaction_session_timeout is below it. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** How long the others wait for a member to finish its batch; a batch's transaction may take 30 s. */
const REBALANCE_TIMEOUT_MS = 35_000;
/** The broker answers at once when there is something; this bounds how long a stop waits for an idle fetch. */
const MAX_WAIT_MS = 500;
const SHOW_AT_MOST_MS = 1_500;
/** Of a group that can't be reached nobody can take leave; it finds out by itself, after the session timeout. */
const LEAVE_AT_MOST_MS = 3_000;

/**
 * One life of a kafkajs consumer: joins, consumes, leaves when `stopping` is aborted.
 * @throws what made kafkajs give up. It never restarts by itself: the caller's policy decides, in one place.
 */
export async function runKafkaSession<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
): Promise<void> {
  const consumer = createConsumer(runtime);
  // What was begun for this session must not outlive it: the next one has a consumer of its own.
  const ended = new AbortController();
  const display = createDisplayOffsets({
    commit: (offsets) =>
      consumer.commitOffsets(offsets.map((one) => ({ topic: runtime.kafkaTopic, ...one }))),
    log: runtime.log,
  });
  const positions = new PartitionPositions({
    read: (partitions) => readPositions(runtime, partitions),
    seek: (partition, next) => {
      if (!ended.signal.aborted)
        consumer.seek({ topic: runtime.kafkaTopic, partition, offset: String(next) });
    },
    pause,
  });
  const starts = createBatchStarts(runtime);
  const inHand = new Set<Promise<void>>();
  const failed = failureOf(consumer);
  followAssignment(runtime, consumer, { positions, display, starts }, ended.signal);
  const starting = startConsuming(runtime, consumer, (payload) => {
    const work = processBatch({ runtime, positions, display, starts, ended: ended.signal }, payload);
    inHand.add(work);
    return work.finally(() => inHand.delete(work));
  });
  try {
    await Promise.race([starting.then(() => failed), failed, aborted(runtime.stopping)]);
    await finishInHand(runtime, consumer, inHand, display);
  } finally {
    ended.abort();
    display.close();
    runtime.assigned(undefined);
    await Promise.race([leave(consumer), delay(LEAVE_AT_MOST_MS, undefined, { ref: false })]);
    // They end with their chunk; the next session must not find them at work.
    await Promise.allSettled(inHand);
    // Stopped while still connecting: leave once more when that is through. Nobody waits for it.
    starting.then(
      () => leave(consumer),
      () => undefined,
    );
  }
}

/**
 * Rejects when kafkajs gives up, and as soon as a request gets no answer. kafkajs would send it again on the same connection, six
 * times in all: when a network has forgotten the connection without a word, the consumer would stand still for minutes. A new
 * session has new connections.
 */
function failureOf(consumer: Consumer): Promise<never> {
  const failure = Promise.withResolvers<never>();
  // Whoever is stopped first does not look at it any more.
  failure.promise.catch(() => undefined);
  consumer.on(consumer.events.CRASH, ({ payload }) => failure.reject(payload.error));
  consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload: { apiName, broker, sentAt } }) => {
    const reason = `Kafka at ${broker} has not answered ${apiName} for ${Date.now() - sentAt} ms.`;
    const remedy =
      'Nothing to do: the consumer connects anew. If it goes on, check the network to the broker.';
    failure.reject(new PipelineError('kafka_unreachable', reason, { remedy }));
  });
  return failure.promise;
}

async function startConsuming<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  consumer: Consumer,
  eachBatch: EachBatchHandler,
): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic: runtime.kafkaTopic, fromBeginning: true });
  if (runtime.stopping.aborted) return;
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: runtime.partitionsConcurrently,
    eachBatch,
  });
}

async function leave(consumer: Consumer): Promise<void> {
  await consumer.disconnect().catch(() => undefined);
}

function createConsumer<Payloads, Change>(runtime: ConsumerRuntime<Payloads, Change>): Consumer {
  return runtime.kafka.consumer({
    groupId: runtime.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
    retry: {
      retries: 5,
      initialRetryTime: 100,
      maxRetryTime: 2_000,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
}

/** On every new assignment nothing is believed any more: positions are read, checked against the log, and sought. */
function followAssignment<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  consumer: Consumer,
  {
    positions,
    display,
    starts,
  }: Pick<BatchLoopOptions<Payloads, Change>, 'positions' | 'display' | 'starts'>,
  ended: AbortSignal,
): void {
  const { log, kafkaTopic } = runtime;
  const over = AbortSignal.any([runtime.stopping, ended]);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    // A rebalance that was under way when the session ended still comes through; nobody consumes what it gives.
    if (ended.aborted) return;
    const partitions = payload.memberAssignment[kafkaTopic] ?? [];
    positions.forget();
    display.forget();
    starts.forget();
    runtime.assigned(partitions);
    log.info(
      { partitions },
      partitions.length === 0
        ? 'joined the group, idle: it has more members than partitions'
        : 'joined the group',
    );
    retryWhileTransient(() => positions.align(partitions), {
      signal: over,
      log,
      what: 'read the positions',
      onRetry: runtime.reportRetry,
    }).catch((error: unknown) => {
      if (!over.aborted) runtime.fail(error);
    });
  });
  // Batches of control records or aborted transactions never reach eachBatch; kafkajs steps over them.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    const firstOffset = payload.firstOffset as string | null;
    if (payload.batchSize === 0 && firstOffset !== null)
      positions.foundEmpty(payload.partition, Number(firstOffset), Number(payload.lastOffset));
  });
}

function createBatchStarts<Payloads, Change>({
  definition,
  pool,
}: ConsumerRuntime<Payloads, Change>): BatchStarts {
  return new BatchStarts({
    consumer: definition.name,
    topic: definition.topic.name,
    read: (at) => readStart(pool, at),
    write: (at, mark) => writeStart(pool, at, mark),
    clear: (at, to) => clearStart(pool, at, to),
  });
}

async function readPositions<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  partitions: readonly number[],
): Promise<Map<number, AlignedPosition>> {
  const { definition, kafka, kafkaTopic, pool } = runtime;
  return readAlignedPositions({
    kafka,
    db: pool,
    consumer: definition.name,
    topic: definition.topic.name,
    kafkaTopic,
    partitions,
  });
}

/** Batches in hand end with their chunk, no new one begins, and what was done is shown before the group is left. */
async function finishInHand<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  consumer: Consumer,
  inHand: ReadonlySet<Promise<void>>,
  display: DisplayOffsets,
): Promise<void> {
  try {
    consumer.pause([{ topic: runtime.kafkaTopic }]);
  } catch {
    // Not joined yet: there is nothing to pause.
  }
  await Promise.allSettled(inHand);
  // With the broker away kafkajs would try for longer than a stop may take.
  await Promise.race([display.flush(), delay(SHOW_AT_MOST_MS)]);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
