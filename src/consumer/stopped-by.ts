import { PipelineError } from '../platform/errors.ts';
import type { RecordChunk } from './chunk-records.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { policyFor } from './error-policy.ts';
import type { LogRecord } from './read-envelope.ts';

/** The failure that ends a consumer, in a sentence that says where and what to do. */
export function stoppedBy<Payloads, Change>(
  error: unknown,
  definition: ConsumerDefinition<Payloads, Change>,
  partition: number,
  chunk: RecordChunk<LogRecord>,
): PipelineError {
  const { code, remedy } = policyFor(error);
  const reason = error instanceof Error ? error.message : String(error);
  // Our own errors name their event; for any other one the batch's first event says where to look.
  const first =
    error instanceof PipelineError ? '' : `, first event ${String(chunk.records[0]?.headers?.['id'])}`;
  return new PipelineError(
    code,
    `Consumer ${definition.name} stopped at topic ${definition.topic.name}, partition ${partition}, offsets ${chunk.from} up to ${chunk.to}${first}: ${withoutDot(reason)}.`,
    { remedy, cause: error },
  );
}

const withoutDot = (sentence: string): string => sentence.replace(/\.$/, '');
