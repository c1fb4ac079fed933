import type { Clock } from '../platform/clock.ts';
import { GroupCommit } from '../platform/group-commit.ts';
import type { Pool } from '../platform/postgres/pool.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { policyFor } from './error-policy.ts';
import { processChunks, type Chunk, type ChunkResult, type ProcessOptions } from './process-chunks.ts';
import type { QueueCaps } from './queue-events.ts';

export type ChunkCommits = Pick<GroupCommit<Chunk, ChunkResult>, 'submit'>;

/**
 * One transaction at a time for all partitions of a consumer: chunks that come meanwhile share the next one. Transactions side by side would
 * mostly wait for each other's rows. One that fails for a reason of its own is found by trying each alone; a marked one goes alone, so
 * that a process that dies leaves no doubt over which.
 */
export function chunkCommits<Payloads, Change>(options: {
  readonly pool: Pool;
  readonly definition: ConsumerDefinition<Payloads, Change>;
  readonly clock: Clock;
  readonly caps: QueueCaps;
  readonly maxBatchSize: number;
}): ChunkCommits {
  const { pool, definition, clock, caps, maxBatchSize } = options;
  return new GroupCommit<Chunk, ChunkResult>({
    commit: async (chunks) => {
      const process = (trust: ProcessOptions['trust']): Promise<ChunkResult[]> =>
        processChunks(pool, definition, chunks, { now: clock(), caps, trust });
      try {
        return await process('sequences');
      } catch (error) {
        // Somebody else was quicker, or the sequence of a key was set back by hand: only the record itself can tell.
        if (policyFor(error).code !== 'dedupe_race') throw error;
        return process('nothing');
      }
    },
    concurrency: 1,
    maxWeight: maxBatchSize,
    weightOf: ({ events }) => events.length,
    goesAlone: ({ clearTo }) => clearTo !== undefined,
    mayBeOneItems: (error) => policyFor(error).action !== 'retry',
  });
}
