import avro from 'avsc';
import { z } from 'zod';
import { PipelineError } from '../platform/errors.ts';
import type { WriterSchemaSource } from './decoder.ts';
import type { EventSchema } from './event-schema.ts';
import type { RegistryPlace } from './registry-access.ts';
import { createRegistryRequest, registryUnreachable } from './registry-request.ts';
import { createSchemaRegistrar } from './schema-registrar.ts';

const schemaAnswer = z.object({ schema: z.string() });

/** Writer schemas by id from a registry with the Confluent API. */
export function writerSchemasFrom(place: RegistryPlace): WriterSchemaSource {
  const request = createRegistryRequest(place);
  return async (schemaId) => {
    const { status, body } = await request('GET', `/schemas/ids/${schemaId}`);
    if (status === 404) {
      throw new PipelineError('schema_unknown', `The registry has no schema with id ${schemaId}.`, {
        remedy:
          'Run: npx outbox schemas apply. If the id was in use before, the registry has lost its schemas.',
      });
    }
    const answer = schemaAnswer.safeParse(body);
    if (status !== 200 || !answer.success)
      throw registryUnreachable(place, `it answers with status ${status}`);
    return avro.Type.forSchema(JSON.parse(answer.data.schema) as avro.Schema);
  };
}

/**
 * Registers one schema under its subject, after setting the compatibility level, so that no schema ever stands there without it.
 * Registering the same schema again gives the same id.
 * @throws PipelineError `schema_incompatible` with the registry's reason, `registry_unreachable`
 */
export async function registerSchema(place: RegistryPlace, schema: EventSchema): Promise<number> {
  const registrar = createSchemaRegistrar(place);
  await registrar.setCompatibility(schema.subject);
  return registrar.register(schema);
}
