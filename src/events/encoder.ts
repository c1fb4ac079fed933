import type avro from 'avsc';
import { PipelineError } from '../platform/errors.ts';
import type { EventDefinition } from './define-event.ts';
import type { EventSchema } from './event-schema.ts';
import { WIRE_HEADER_BYTES, writeWireHeader } from './wire-format.ts';

/** What the registry said of a schema, as kept in the service's own database (`pipeline.event_schemas`). */
export interface RegisteredSchema {
  readonly schemaId: number;
  readonly fingerprint: string;
}

/** By `schemaKey`. */
export type EventSchemas = ReadonlyMap<string, RegisteredSchema>;

export const schemaKey = (schema: Pick<EventSchema, 'subject' | 'version'>): string =>
  `${schema.subject} v${schema.version}`;

/**
 * A Kafka record is at most 1,048,576 bytes by default (`max.request.size`, `message.max.bytes`), key and headers included.
 * A larger row would stop the connector for good, since it is in the log already: so it is refused here, in the request.
 */
const MOST_BYTES = 900_000;

export interface Encoder {
  /**
   * The payload as bytes in Confluent wire format.
   * @throws PipelineError `event_invalid` naming the field that does not fit the schema, or the size.
   */
  encode<Payload>(event: EventDefinition<Payload>, payload: NoInfer<Payload>): Buffer;
  /** To be told of each event whose row was committed, for metrics. */
  readonly committed?: (events: readonly EventDefinition<unknown>[]) => void;
}

/** @param schemas the ids under which the registry knows the schemas; a service loads them from its database. */
export function createEncoder(schemas: EventSchemas, committed?: Encoder['committed']): Encoder {
  let scratch = Buffer.alloc(16 * 1024);
  return {
    ...(committed && { committed }),
    encode(event, payload) {
      const registered = registeredSchema(schemas, event);
      let end = encodeAt(event, payload, scratch);
      if (end < 0) {
        // avsc answers how many bytes were missing, as a negative offset.
        scratch = Buffer.alloc(2 * (scratch.length - end));
        end = encodeAt(event, payload, scratch);
      }
      if (end > MOST_BYTES) throw tooLarge(event, end);
      writeWireHeader(scratch, registered.schemaId);
      return Buffer.from(scratch.subarray(0, end));
    },
  };
}

function tooLarge(event: EventSchema, bytes: number): PipelineError {
  return new PipelineError(
    'event_invalid',
    `${event.type} would be ${bytes} bytes; an event may have ${MOST_BYTES}.`,
    {
      remedy: 'Say less in one event, or split it.',
    },
  );
}

function registeredSchema(schemas: EventSchemas, event: EventSchema): RegisteredSchema {
  const registered = schemas.get(schemaKey(event));
  if (registered !== undefined && registered.fingerprint === event.fingerprint) return registered;
  const reason = registered === undefined ? 'is not registered' : 'is registered with other content';
  throw new PipelineError('schemas_not_applied', `Schema ${schemaKey(event)} ${reason}.`, {
    remedy: 'Run: npx outbox schemas apply, then start again.',
  });
}

function encodeAt(event: EventSchema, payload: unknown, buffer: Buffer): number {
  try {
    return event.avroType.encode(payload, buffer, WIRE_HEADER_BYTES);
  } catch (error) {
    const place = firstInvalidPlace(event.avroType, payload);
    throw new PipelineError(
      'event_invalid',
      `${event.type} v${event.version} does not fit its schema: ${place}.`,
      {
        remedy: `Compare it with schemas/${event.topic}/${event.type}.v${event.version}.avsc.`,
        cause: error,
      },
    );
  }
}

function firstInvalidPlace(avroType: avro.Type, payload: unknown): string {
  const places: string[] = [];
  avroType.isValid(payload, {
    errorHook: (path, value, expected) => {
      places.push(`${path.join('.')} is ${kindOf(value)}, expected ${describeType(expected)}`);
    },
  });
  return places[0] ?? 'the value can not be written';
}

/** Not the value: such a sentence is logged, and what is in an event is a customer's. */
const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
};

const describeType = (type: avro.Type): string => type.name ?? type.typeName;
