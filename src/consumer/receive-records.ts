import type { Decoder } from '../events/decoder.ts';
import { PipelineError } from '../platform/errors.ts';
import type { ConsumedEvent, ConsumerReading } from './define-consumer.ts';
import { describePlace } from './describe-place.ts';
import { policyFor } from './error-policy.ts';
import { refuseOutsideHorizon } from './event-horizon.ts';
import { failureFrom } from './failure.ts';
import type { Failure } from './failure.ts';
import { identifyRecord } from './identify-record.ts';
import type { RecordIdentity } from './identify-record.ts';
import { readEnvelope } from './read-envelope.ts';
import type { Envelope, LogRecord } from './read-envelope.ts';

/** What is done with an event that is readable. An ignored or unknown one is not decoded: its payload is undefined. */
export type Use = 'apply' | 'ignored' | 'unknown_type';

/** A record of the log and what it holds: an event, or the reason why it can't be applied. */
export interface ReceivedEvent {
  readonly identity: RecordIdentity;
  readonly record: LogRecord;
  /** Of the span in which it is dealt with, where spans are made. */
  readonly traceparent?: string;
  readonly content:
    | { readonly use: Use; readonly event: ConsumedEvent }
    | { readonly use: 'unusable'; readonly failure: Failure }
    | { readonly use: 'discard' };
}

export interface ReceiveOptions<Payloads, Change> {
  readonly definition: ConsumerReading<Payloads, Change>;
  readonly partition: number;
  readonly decoder: Decoder;
  readonly now: Date;
}

/**
 * Reads and decodes records, in their order. Touches no database. A record that can't be used is an answer, not an error.
 * @throws what concerns more than one record: the registry is away, or its ids are not those the events were written with
 */
export async function receiveRecords<Payloads, Change>(
  records: readonly LogRecord[],
  options: ReceiveOptions<Payloads, Change>,
): Promise<ReceivedEvent[]> {
  const place = { topic: options.definition.topic.name, partition: options.partition };
  return Promise.all(
    records.map(async (record): Promise<ReceivedEvent> => {
      const identity = identifyRecord(record, place);
      try {
        return { identity, record, content: await readContent(record, place, options) };
      } catch (error) {
        if (policyFor(error).action !== 'park') throw error;
        return failedRecord(record, place, failureFrom(error));
      }
    }),
  );
}

/** What is known to fail is not decoded again: that may be what it does to the process. */
export function failedRecord(
  record: LogRecord,
  place: { topic: string; partition: number },
  failure: Failure,
): ReceivedEvent {
  return { identity: identifyRecord(record, place), record, content: { use: 'unusable', failure } };
}

async function readContent<Payloads, Change>(
  record: LogRecord,
  place: { topic: string; partition: number },
  options: ReceiveOptions<Payloads, Change>,
): Promise<{ use: Use; event: ConsumedEvent }> {
  const { definition, decoder, now } = options;
  const envelope = readEnvelope(record, place);
  refuseOutsideHorizon(envelope, now);
  const use = useOf(definition, envelope);
  const { value, schemaFingerprint, ...event } = envelope;
  if (use !== 'apply') return { use, event: { ...event, payload: undefined } };
  const payload = await decoder
    .decode({ type: event.type, value, schemaFingerprint })
    .catch((error: unknown) => {
      throw located(error, envelope);
    });
  return { use, event: { ...event, payload } };
}

function useOf<Payloads, Change>(definition: ConsumerReading<Payloads, Change>, envelope: Envelope): Use {
  const handlers: Readonly<Record<string, unknown>> = definition.handlers;
  if (Object.hasOwn(handlers, envelope.type))
    return handlers[envelope.type] === 'ignore' ? 'ignored' : 'apply';
  if (definition.unknownTypes === 'skip') return 'unknown_type';
  throw new PipelineError(
    'schema_unknown',
    `${describePlace(envelope)} has type ${envelope.type}, which this build of consumer ${definition.name} does not know.`,
    { remedy: 'Deploy the version of the consumer that handles or ignores this type, then redrive the key.' },
  );
}

/** The decoder knows what is wrong with the bytes, not where they came from. */
function located(error: unknown, envelope: Envelope): Error {
  if (!(error instanceof PipelineError)) return error as Error;
  return new PipelineError(error.code, `${describePlace(envelope)}: ${error.message}`, {
    remedy: error.remedy,
    cause: error,
  });
}
