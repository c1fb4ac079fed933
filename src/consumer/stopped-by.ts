import { PipelineError } from '../platform/errors.ts';
import { safeMessage } from '../platform/safe-message.ts';
import type { RecordChunk } from './chunk-records.ts';
import type { ConsumerDefinition } from './define-consumer.ts';
import { policyFor } from './error-policy.ts';
import { asUuid, readHeader } from './read-envelope.ts';
import type { LogRecord } from './read-envelope.ts';

/** The failure that ends a consumer, in a sentence that says where and what to do. */
export function stoppedBy<Payloads, Change>(
  error: unknown,
  definition: ConsumerDefinition<Payloads, Change>,
  partition: number,
  chunk: RecordChunk<LogRecord>,
): PipelineError {
  const { code, remedy } = policyFor(error);
  const reason = Error.isError(error) ? safeMessage(error) : String(error);
  // Our own errors name their event; for any other one the batch's first event says where to look.
  const first = error instanceof PipelineError ? '' : `, first event ${firstId(chunk)}`;
  return new PipelineError(
    code,
    `Consumer ${definition.name} stopped at topic ${definition.topic.name}, partition ${partition}, offsets ${chunk.from} up to ${chunk.to}${first}: ${withoutDot(reason)}.`,
    { remedy, cause: error },
  );
}

const firstId = ({ records: [first] }: RecordChunk<LogRecord>): string =>
  asUuid((first && readHeader(first, 'id')) ?? '') ?? 'without an id';

const withoutDot = (sentence: string): string => sentence.replace(/\.$/, '');
