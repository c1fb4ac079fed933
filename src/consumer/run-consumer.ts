import { setTimeout as delay } from 'node:timers/promises';
import type { Decoder } from '../events/decoder.ts';
import type { Clock } from '../platform/clock.ts';
import { describeError, PipelineError, type ErrorCode } from '../platform/errors.ts';
import type { Kafka } from '../platform/kafka/kafka-client.ts';
import type { Log } from '../platform/log.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import { tracingOff } from '../platform/tracing/tracing.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { BatchReport } from './batch-report.ts';
import { checkHorizon } from './check-horizon.ts';
import { chunkCommits } from './chunk-commits.ts';
import type { ConsumerRuntime } from './consumer-runtime.ts';
import { recordSubscriptions } from './consumer-subscriptions.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import type { DrainReport } from './drain-report.ts';
import { policyFor } from './error-policy.ts';
import type { HeldReport } from './held-report.ts';
import { runKafkaSession } from './kafka-session.ts';
import { keepMaintained, maintainProcessedEvents } from './maintain-processed-events.ts';
import { DEFAULT_CAPS } from './queue-events.ts';
import { retryWhileTransient } from './retry-while-transient.ts';
import { keepTending, tendHeldKeys, WakeUp } from './tend-held-keys.ts';

const DEFAULT_BATCH_SIZE = 2000;
const DEFAULT_CONCURRENCY = 4;
/** A transaction that takes longer is left to Postgres, which undoes it when the process ends. */
const STOP_AT_MOST_MS = 7_000;

export interface RunConsumerOptions<Payloads, Change> {
  readonly consumer: ConsumerDefinition<Payloads, Change>;
  readonly kafka: Kafka;
  /** Of the consumer's own database, as its app role; needs a connection per partition worked on at once, and one for held keys. */
  readonly pool: Pool;
  readonly decoder: Decoder;
  readonly log: Log;
  readonly clock: Clock;
  /** Off unless told. */
  readonly tracing?: Tracing;
  /** Kafka topic = prefix + catalogue name, group = prefix + consumer name; the database always holds the names without it. */
  readonly topicPrefix?: string;
  /** Events per transaction at most; 2,000 unless told. */
  readonly maxBatchSize?: number;
  /** Partitions worked on at once; 4 unless told. What is there of several of them is applied in one transaction. */
  readonly partitionsConcurrently?: number;
  /** Events that may wait behind one held key, and behind all of them: 10,000 and 100,000 unless told. Beyond, the consumer stops. */
  readonly maxQueuedPerKey?: number;
  readonly maxQueued?: number;
  /** Called after each commit of a batch, for metrics. What it throws is logged and otherwise ignored. */
  readonly onBatch?: (report: BatchReport) => void;
  /** Likewise after each commit that took events out of the queue of a held key. */
  readonly onDrain?: (report: DrainReport) => void;
  /** What is held back, about once a second. */
  readonly onHeld?: (report: HeldReport) => void;
  /** Something failed for a reason that passes, and is tried again. */
  readonly onRetry?: (retry: { readonly consumer: string; readonly code: ErrorCode }) => void;
  /** With each rebalance: how many partitions this instance has now. */
  readonly onAssigned?: (assigned: { readonly consumer: string; readonly partitions: number }) => void;
}

export interface RunningConsumer {
  /** Finishes the transactions in hand and leaves the group; gives up waiting after 7 s. */
  stop(): Promise<void>;
  /** Rejects when the consumer has stopped for good; never resolves. The process must end then. */
  readonly failed: Promise<never>;
  /** The partitions this instance owns now; none while the group rebalances for it or Kafka is away. */
  assignment(): number[];
  /** In the group, whose other members have all partitions: it takes over when one of them ends. */
  isIdle(): boolean;
}

/**
 * Starts a consumer and returns at once: neither Kafka nor the database needs to be there yet. Trouble that passes is
 * retried without limit; for all other the consumer stops loudly and its position stays where it is.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a promise, so that a start that must wait needs no new interface
export async function runConsumer<Payloads, Change>(
  options: RunConsumerOptions<Payloads, Change>,
): Promise<RunningConsumer> {
  const stopping = new AbortController();
  const failure = Promise.withResolvers<never>();
  // Whoever does not look at `failed` must not die of an unhandled rejection.
  failure.promise.catch(() => undefined);
  const fail = (error: unknown): void => {
    failure.reject(asPipelineError(error, options.consumer.name));
    stopping.abort();
  };
  let assignment: readonly number[] | undefined;
  const reportAssigned = guarded('onAssigned', options.onAssigned, options.log);
  reportAssigned({ consumer: options.consumer.name, partitions: 0 });
  const wakeUp = new WakeUp();
  const runtime = createRuntime(options, {
    stopping: stopping.signal,
    fail,
    assigned: (partitions) => {
      assignment = partitions;
      reportAssigned({ consumer: options.consumer.name, partitions: partitions?.length ?? 0 });
    },
    tendHeldKeys: wakeUp.call,
  });
  const running = run(runtime, wakeUp).catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error);
  });
  return {
    failed: failure.promise,
    assignment: () => [...(assignment ?? [])],
    isIdle: () => assignment?.length === 0,
    async stop() {
      stopping.abort();
      await Promise.race([running, delay(STOP_AT_MOST_MS, undefined, { ref: false })]);
    },
  };
}

function createRuntime<Payloads, Change>(
  options: RunConsumerOptions<Payloads, Change>,
  control: Pick<ConsumerRuntime<Payloads, Change>, 'stopping' | 'fail' | 'assigned' | 'tendHeldKeys'>,
): ConsumerRuntime<Payloads, Change> {
  const { consumer: definition, kafka, pool, decoder, clock } = options;
  const log = options.log.child({ consumer: definition.name });
  const reportRetry = guarded('onRetry', options.onRetry, log);
  const onRetry = (code: ErrorCode): void => reportRetry({ consumer: definition.name, code });
  const maxBatchSize = options.maxBatchSize ?? DEFAULT_BATCH_SIZE;
  const partitionsConcurrently = options.partitionsConcurrently ?? DEFAULT_CONCURRENCY;
  const caps = {
    perKey: options.maxQueuedPerKey ?? DEFAULT_CAPS.perKey,
    inAll: options.maxQueued ?? DEFAULT_CAPS.inAll,
  };
  return {
    ...control,
    definition,
    kafka,
    kafkaTopic: (options.topicPrefix ?? '') + definition.topic.name,
    groupId: (options.topicPrefix ?? '') + definition.name,
    pool,
    decoder,
    log,
    clock,
    tracing: options.tracing ?? tracingOff,
    maxBatchSize,
    partitionsConcurrently,
    caps,
    commits: chunkCommits({
      ...{ pool, definition, clock, caps, maxBatchSize },
      maxTransactions: partitionsConcurrently,
      onRetry,
    }),
    report: guarded('onBatch', options.onBatch, log),
    reportDrain: guarded('onDrain', options.onDrain, log),
    reportHeld: guarded('onHeld', options.onHeld, log),
    reportRetry: onRetry,
  };
}

function guarded<Report>(
  name: string,
  call: ((report: Report) => void) | undefined,
  log: Log,
): (report: Report) => void {
  return (report) => {
    try {
      call?.(report);
    } catch (error) {
      log.error({ reason: describeError(error) }, `${name} failed`);
    }
  };
}

/** Until stopped. Everything that a batch relies on is in the database before the first one can come. */
async function run<Payloads, Change>(
  runtime: ConsumerRuntime<Payloads, Change>,
  wakeUp: WakeUp,
): Promise<void> {
  const { pool, log, stopping: signal, reportRetry: onRetry } = runtime;
  const prepare = async (): Promise<void> => {
    await maintainProcessedEvents(pool);
    await recordSubscriptions(pool, runtime.definition);
  };
  await retryWhileTransient(prepare, { signal, log, onRetry, what: 'prepare the database' });
  const stopMaintaining = keepMaintained(pool, log);
  // Before anything is read: of a consumer that stopped because too much is held, this is the way out.
  await tendHeldKeys(runtime);
  const tending = keepTending(runtime, wakeUp);
  checkHorizon(runtime).catch((error: unknown) => {
    if (!signal.aborted)
      log.warn({ reason: describeError(error) }, 'could not check how long a copy can come');
  });
  try {
    await retryWhileTransient(() => runKafkaSession(runtime), {
      ...{ signal, log, onRetry, what: 'go on consuming' },
    });
  } catch (error) {
    if (!signal.aborted) runtime.fail(error);
  } finally {
    stopMaintaining();
    await tending;
  }
}

function asPipelineError(error: unknown, consumer: string): PipelineError {
  if (error instanceof PipelineError) return error;
  const { code, remedy } = policyFor(error);
  const reason = describeError(error);
  return new PipelineError(code, `Consumer ${consumer} stopped: ${reason.replace(/\.$/, '')}.`, {
    remedy,
    cause: error,
  });
}
