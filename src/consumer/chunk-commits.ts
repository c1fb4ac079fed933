import type { Clock } from '../platform/clock.ts';
import type { ErrorCode } from '../platform/errors.ts';
import { GroupCommit } from '../platform/group-commit.ts';
import { isOverWhatItTouched } from '../platform/postgres/postgres-errors.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { policyFor } from './error-policy.ts';
import { processChunks, type Chunk, type ChunkResult, type ProcessOptions } from './process-chunks.ts';
import type { QueueCaps } from './queue-events.ts';

/** What became of a chunk, and how long its transaction took, begin to commit. */
export type ChunkCommit = ChunkResult & { readonly durationMs: number };

export type ChunkCommits = Pick<GroupCommit<Chunk, ChunkCommit>, 'submit'>;

/**
 * A transaction over a few events is done by then. Longer take those that are full, in a backlog, where Postgres works on one while the next
 * is made ready, and those that wait for somebody else's rows, which must not hold up other partitions.
 */
const PATIENCE_MS = 20;
/** Chunks that were put together are not kept waiting for one partition's rows. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * One transaction at a time for all partitions of a consumer, as long as it is quick: chunks that come meanwhile share the next one. When
 * that fails because of one of them, each is tried by itself. A chunk with a mark has a transaction of its own.
 */
export function chunkCommits<Payloads, Change>(options: {
  readonly pool: Pool;
  readonly definition: ConsumerDefinition<Payloads, Change>;
  readonly clock: Clock;
  readonly caps: QueueCaps;
  readonly maxBatchSize: number;
  readonly maxTransactions: number;
  readonly onRetry: (code: ErrorCode) => void;
}): ChunkCommits {
  const { pool, definition, clock, caps, maxBatchSize, maxTransactions } = options;
  const process = async (
    chunks: readonly Chunk[],
    trust: ProcessOptions['trust'],
  ): Promise<ChunkCommit[]> => {
    const startedAt = performance.now();
    const results = await processChunks(pool, definition, chunks, {
      ...{ now: clock(), caps, trust },
      ...(chunks.length > 1 && { lockTimeoutMs: LOCK_TIMEOUT_MS }),
    });
    const durationMs = performance.now() - startedAt;
    return results.map((result) => ({ ...result, durationMs }));
  };
  return new GroupCommit<Chunk, ChunkCommit>({
    commit: async (chunks) => {
      try {
        return await process(chunks, 'sequences');
      } catch (error) {
        const { code } = policyFor(error);
        if (code !== 'dedupe_race') throw error;
        // Somebody else was quicker, or the sequence of a key was set back by hand: only the records themselves can tell.
        options.onRetry(code);
        return process(chunks, 'nothing');
      }
    },
    concurrency: 1,
    patienceMs: PATIENCE_MS,
    maxConcurrency: maxTransactions,
    maxWeight: maxBatchSize,
    weightOf: ({ events }) => events.length,
    goesAlone: ({ clearTo }) => clearTo !== undefined,
    mayBeOneItems: (error) => isOverWhatItTouched(error) || policyFor(error).action !== 'retry',
  });
}
