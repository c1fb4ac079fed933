import { splitChunk } from './chunk-records.ts';
import type { RecordChunk } from './chunk-records.ts';
import { policyFor } from './error-policy.ts';
import { failureFrom } from './failure.ts';
import type { Failure } from './failure.ts';

/** A chunk to be dealt with; with a failure, its only record is known not to be applicable and is to be parked. */
export interface PendingChunk<Record> extends RecordChunk<Record> {
  readonly failure?: Failure;
}

/**
 * What to do instead of a chunk that failed for good, when one of its events is to blame: its halves, until one record is left,
 * which is parked. A poisoned event among 1,000 is found in 10 steps.
 * @returns undefined when splitting can't help
 */
export function splitFailingChunk<Record extends { readonly offset: string }>(
  chunk: PendingChunk<Record>,
  error: unknown,
): PendingChunk<Record>[] | undefined {
  if (policyFor(error).action !== 'park' || chunk.failure !== undefined) return undefined;
  if (chunk.records.length > 1) return splitChunk(chunk, Math.ceil(chunk.records.length / 2));
  return chunk.records.length === 1 ? [{ ...chunk, failure: failureFrom(error) }] : undefined;
}
