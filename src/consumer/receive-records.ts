import type { Decoder } from '../events/decoder.ts';
import { PipelineError } from '../platform/errors.ts';
import type { ConsumedEvent, ConsumerDefinition } from './define-consumer.ts';
import { describePlace } from './describe-place.ts';
import { refuseOutsideHorizon } from './event-horizon.ts';
import { readEnvelope } from './read-envelope.ts';
import type { Envelope, LogRecord } from './read-envelope.ts';

/** An event as it came from the log. An ignored one is not decoded: its payload is undefined. */
export interface ReceivedEvent {
  readonly event: ConsumedEvent;
  readonly ignored: boolean;
}

/**
 * Reads and decodes records, in their order. Touches no database, so it is done before the transaction begins.
 * @throws PipelineError naming the event, or the record where the event can't be read.
 */
export async function receiveRecords<Payloads, Change>(
  records: readonly LogRecord[],
  options: {
    definition: ConsumerDefinition<Payloads, Change>;
    partition: number;
    decoder: Decoder;
    now: Date;
  },
): Promise<ReceivedEvent[]> {
  const { definition, partition, decoder, now } = options;
  const place = { topic: definition.topic.name, partition };
  const handlers: Readonly<Record<string, unknown>> = definition.handlers;
  return Promise.all(
    records.map(async (record) => {
      const envelope = readEnvelope(record, place);
      refuseOutsideHorizon(envelope, now);
      if (!Object.hasOwn(handlers, envelope.type)) throw unknownType(definition.name, envelope);
      const { value, schemaFingerprint, ...event } = envelope;
      if (handlers[envelope.type] === 'ignore')
        return { event: { ...event, payload: undefined }, ignored: true };
      const payload = await decoder
        .decode({ type: event.type, value, schemaFingerprint })
        .catch((error: unknown) => {
          throw located(error, envelope);
        });
      return { event: { ...event, payload }, ignored: false };
    }),
  );
}

function unknownType(consumer: string, envelope: Envelope): PipelineError {
  return new PipelineError(
    'schema_unknown',
    `${describePlace(envelope)} has type ${envelope.type}, which this build of consumer ${consumer} does not know.`,
    { remedy: 'Deploy the version of the consumer that handles or ignores this type.' },
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
