import avro from 'avsc';
import { PipelineError } from '../platform/errors.ts';
import { bytesCheckFor, type BytesCheck } from './bytes-check.ts';
import { fingerprintOf } from './event-schema.ts';
import type { EventSchema } from './event-schema.ts';
import { readSchemaId, WIRE_HEADER_BYTES } from './wire-format.ts';

/** Gives the schema that was registered under an id. */
export type WriterSchemaSource = (schemaId: number) => Promise<avro.Type>;

export interface EncodedEvent {
  /** The event type's name, from the header. */
  readonly type: string;
  /** The record's value in Confluent wire format. */
  readonly value: Buffer;
  /** The writer's schema fingerprint, from the header. */
  readonly schemaFingerprint: string;
}

export interface Decoder {
  /**
   * The payload in the shape of the version that this build knows, whatever older or newer version wrote it.
   * @throws PipelineError `event_unreadable` (bad bytes), `schema_unknown` (the registry has no such id),
   * `registry_unreachable` (try again), `fingerprint_mismatch` (the registry's ids are not those the event was written
   * with: going on would decode garbage)
   */
  decode(event: EncodedEvent): Promise<unknown>;
}

interface Reader {
  readonly check: BytesCheck;
  readonly avroType: avro.Type;
  readonly resolver: ReturnType<avro.Type['createResolver']>;
}

/**
 * @param options.events the event types of one topic, by name
 * Resolvers are made once per (event type, schema id, fingerprint): making one costs far more than decoding.
 */
export function createDecoder(options: {
  events: Readonly<Record<string, EventSchema>>;
  writerSchema: WriterSchemaSource;
}): Decoder {
  const readers = new Map<string, Promise<Reader>>();
  const readerOf = (event: EncodedEvent, schemaId: number): Promise<Reader> => {
    const key = `${event.type}/${schemaId}/${event.schemaFingerprint}`;
    const known = readers.get(key);
    if (known !== undefined) return known;
    const made = makeReader(options, event, schemaId);
    readers.set(key, made);
    // A failure is not kept: the registry may be back at the next try.
    made.catch(() => readers.delete(key));
    return made;
  };
  return {
    async decode(event) {
      const reader = await readerOf(event, readSchemaId(event.value));
      return decodeWith(reader, event);
    },
  };
}

async function makeReader(
  options: Parameters<typeof createDecoder>[0],
  event: EncodedEvent,
  schemaId: number,
): Promise<Reader> {
  const schema = options.events[event.type];
  if (schema === undefined) {
    throw new PipelineError('schema_unknown', `This build knows no event type ${event.type}.`, {
      remedy: 'Deploy the version of this consumer that knows it.',
    });
  }
  const writerType = await options.writerSchema(schemaId);
  const registered = fingerprintOf(writerType);
  if (registered !== event.schemaFingerprint) {
    throw new PipelineError(
      'fingerprint_mismatch',
      `The registry's schema ${schemaId} has fingerprint ${registered}, but ${event.type} was written with ${event.schemaFingerprint}.`,
      {
        remedy:
          'The registry was restored or replaced with other ids: give it back the ids of pipeline.event_schemas.',
      },
    );
  }
  try {
    return {
      check: bytesCheckFor(writerType),
      avroType: schema.avroType,
      resolver: schema.avroType.createResolver(writerType),
    };
  } catch (error) {
    throw new PipelineError(
      'schema_incompatible',
      `${event.type} written with schema ${schemaId} can not be read as v${schema.version}: ${(error as Error).message}.`,
      { remedy: 'Deploy the version of this consumer that can read it.', cause: error },
    );
  }
}

function decodeWith({ check, avroType, resolver }: Reader, event: EncodedEvent): unknown {
  try {
    check(event.value, WIRE_HEADER_BYTES);
    return avroType.decode(event.value, WIRE_HEADER_BYTES, resolver).value;
  } catch (error) {
    // Bytes that nest without end overflow the stack; that is an error like any other, and nothing was allocated.
    const reason = (error as Error).message;
    throw new PipelineError('event_unreadable', `The bytes are no ${event.type}: ${reason}.`, {
      remedy: 'Find out who wrote it: everything in this topic must come through an outbox.',
    });
  }
}
