import type { Decoder } from '../events/decoder.ts';
import type { Clock } from '../platform/clock.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Kafka } from '../platform/kafka/kafka-client.ts';
import type { Log } from '../platform/log.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { BatchReport } from './batch-report.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import type { DrainReport } from './drain-report.ts';
import type { HeldReport } from './held-report.ts';
import type { ChunkCommits } from './chunk-commits.ts';
import type { QueueCaps } from './queue-events.ts';

/** What the parts of a running consumer share. */
export interface ConsumerRuntime<Payloads, Change> {
  readonly definition: ConsumerDefinition<Payloads, Change>;
  readonly kafka: Kafka;
  /** The topic's name in Kafka, with the environment's prefix. */
  readonly kafkaTopic: string;
  /** The consumer's name, with the environment's prefix as well: environments on one cluster must not share a group. */
  readonly groupId: string;
  readonly pool: Pool;
  /** By which chunks are applied. */
  readonly commits: ChunkCommits;
  readonly decoder: Decoder;
  readonly log: Log;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly maxBatchSize: number;
  readonly partitionsConcurrently: number;
  readonly caps: QueueCaps;
  /** Aborted by stop and by a failure. */
  readonly stopping: AbortSignal;
  /** Ends the consumer loudly; the first reason counts. */
  readonly fail: (error: unknown) => void;
  readonly report: (report: BatchReport) => void;
  readonly reportDrain: (report: DrainReport) => void;
  readonly reportHeld: (report: HeldReport) => void;
  /** Something failed for a reason that passes, and is tried again. */
  readonly reportRetry: (code: ErrorCode) => void;
  /** A held key can go on: don't wait for the next look. */
  readonly tendHeldKeys: () => void;
  /** Undefined: not in the group now. None: in it, and idle. */
  readonly assigned: (partitions: readonly number[] | undefined) => void;
}
