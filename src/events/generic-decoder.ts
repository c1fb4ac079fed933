import type avro from 'avsc';
import { z } from 'zod';
import { PipelineError } from '../platform/errors.ts';
import { fingerprintOf } from './event-schema.ts';
import { parseWriterSchema, readAsWritten } from './read-as-written.ts';
import type { RegistryPlace } from './registry-access.ts';
import { createRegistryRequest, registryUnreachable } from './registry-request.ts';
import { readSchemaId, WIRE_HEADER_BYTES } from './wire-format.ts';

/** A value by the schema that it was written with. */
export interface AsWritten {
  readonly schemaId: number;
  /** Name of the record with its namespace. */
  readonly recordName: string;
  readonly payload: unknown;
}

/** Decodes any value in Confluent wire format, also of event types that this build does not know. */
export interface GenericDecoder {
  /**
   * @param fingerprint of the writer's schema, where its header says it
   * @throws PipelineError `event_unreadable`, `schema_unknown`, `registry_unreachable`, `fingerprint_mismatch`
   */
  decode(value: Buffer, fingerprint: string | undefined): Promise<AsWritten>;
}

const answerSchema = z.object({ schema: z.string(), schemaType: z.string().optional() });
/** A registry that is away is not asked again for each record. */
const ASK_AGAIN_MS = 3_000;

export function createGenericDecoder(registry: RegistryPlace): GenericDecoder {
  const typeOf = writerTypesFrom(registry);
  return {
    async decode(value, fingerprint) {
      const schemaId = readSchemaId(value);
      const type = await typeOf(schemaId);
      const registered = fingerprintOf(type);
      if (fingerprint !== undefined && fingerprint !== registered)
        throw new PipelineError(
          'fingerprint_mismatch',
          `The registry's schema ${schemaId} has fingerprint ${registered}, but the event was written with ${fingerprint}.`,
          {
            remedy: 'The registry was restored or replaced: give it back the ids of pipeline.event_schemas.',
          },
        );
      const recordName = type.name ?? type.typeName;
      try {
        return { schemaId, recordName, payload: readAsWritten(type, value, WIRE_HEADER_BYTES) };
      } catch (error) {
        throw new PipelineError(
          'event_unreadable',
          `The bytes are no ${recordName}: ${(error as Error).message}.`,
          {
            remedy: 'Find out who wrote it: everything in this topic must come through an outbox.',
            cause: error,
          },
        );
      }
    },
  };
}

/** Each schema id is asked for once. */
function writerTypesFrom(registry: RegistryPlace): (schemaId: number) => Promise<avro.Type> {
  const request = createRegistryRequest(registry);
  const known = new Map<number, avro.Type>();
  let away: { readonly since: number; readonly error: unknown } | undefined;
  return async (schemaId) => {
    const found = known.get(schemaId);
    if (found !== undefined) return found;
    if (away !== undefined && Date.now() - away.since < ASK_AGAIN_MS) throw away.error as Error;
    const { status, body } = await request('GET', `/schemas/ids/${schemaId}`).catch((error: unknown) => {
      away = { since: Date.now(), error };
      throw error;
    });
    if (status === 404) throw unknownSchema(schemaId, 'has no schema with that id');
    const answer = answerSchema.safeParse(body);
    if (status !== 200 || !answer.success)
      throw registryUnreachable(registry, `it answers with status ${status}`);
    const { schema, schemaType = 'AVRO' } = answer.data;
    if (schemaType !== 'AVRO') throw unknownSchema(schemaId, `has it as ${schemaType}, not as Avro`);
    const type = parseWriterSchema(schema);
    known.set(schemaId, type);
    return type;
  };
}

function unknownSchema(schemaId: number, what: string): PipelineError {
  return new PipelineError('schema_unknown', `Schema ${schemaId} is not known: the registry ${what}.`, {
    remedy: 'Run: npx outbox schemas apply. If the id was in use before, the registry has lost its schemas.',
  });
}
