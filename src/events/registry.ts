import https from 'node:https';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type avro from 'avsc';
import { describeError, PipelineError } from '../platform/errors.ts';
import type { WriterSchemaSource } from './decoder.ts';
import type { EventSchema } from './event-schema.ts';
import { accessOf, registryAddress, type RegistryPlace } from './registry-access.ts';
import { createRegistryRequest, registryUnreachable } from './registry-request.ts';
import { createSchemaRegistrar } from './schema-registrar.ts';

/** Writer schemas by id from a registry with the Confluent API. Each id is asked for once. */
export function writerSchemasFrom(place: RegistryPlace): WriterSchemaSource {
  const registry = createRegistry(place);
  const request = createRegistryRequest(place);
  return async (schemaId) => {
    try {
      const schema = await registry.getSchema(schemaId);
      return schema as unknown as avro.Type;
    } catch (error) {
      // The library tells of a certificate that it does not trust as of an answer with status 400: what is wrong is found out here.
      const { status } = await request('GET', `/schemas/ids/${schemaId}`);
      if (status === 404) {
        throw new PipelineError('schema_unknown', `The registry has no schema with id ${schemaId}.`, {
          remedy:
            'Run: npx outbox schemas apply. If the id was in use before, the registry has lost its schemas.',
          cause: error,
        });
      }
      const reason = status === 200 ? describeError(error) : `it answers with status ${status}`;
      throw registryUnreachable(place, reason, error);
    }
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

function createRegistry(place: RegistryPlace): SchemaRegistry {
  const { url, credentials } = registryAddress(place);
  const { tls } = accessOf(place);
  return new SchemaRegistry({
    host: url,
    retry: { retries: 2, maxRetryTimeInSecs: 1 },
    ...(credentials && { auth: { username: credentials.user, password: credentials.password } }),
    ...(tls && url.startsWith('https:') && { agent: new https.Agent({ keepAlive: true, ...tls }) }),
  });
}
