import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type avro from 'avsc';
import { PipelineError } from '../platform/errors.ts';
import type { WriterSchemaSource } from './decoder.ts';
import type { EventSchema } from './event-schema.ts';
import { registryAddress, registryUnreachable } from './registry-request.ts';
import { createSchemaRegistrar } from './schema-registrar.ts';

/** Writer schemas by id from a registry with the Confluent API. Each id is asked for once. */
export function writerSchemasFrom(registryUrl: string): WriterSchemaSource {
  const registry = createRegistry(registryUrl);
  return async (schemaId) => {
    try {
      const schema = await registry.getSchema(schemaId);
      return schema as unknown as avro.Type;
    } catch (error) {
      if (statusOf(error) === 404) {
        throw new PipelineError('schema_unknown', `The registry has no schema with id ${schemaId}.`, {
          remedy:
            'Run: npx outbox schemas apply. If the id was in use before, the registry has lost its schemas.',
          cause: error,
        });
      }
      throw registryUnreachable(registryUrl, (error as Error).message, error);
    }
  };
}

/**
 * Registers one schema under its subject, after setting the compatibility level, so that no schema ever stands there without it.
 * Registering the same schema again gives the same id.
 * @throws PipelineError `schema_incompatible` with the registry's reason, `registry_unreachable`
 */
export async function registerSchema(registryUrl: string, schema: EventSchema): Promise<number> {
  const registrar = createSchemaRegistrar(registryUrl);
  await registrar.setCompatibility(schema.subject);
  return registrar.register(schema);
}

function createRegistry(registryUrl: string): SchemaRegistry {
  const { url, user } = registryAddress(registryUrl);
  return new SchemaRegistry({
    host: url,
    retry: { retries: 2, maxRetryTimeInSecs: 1 },
    ...(user === undefined ? {} : { auth: user }),
  });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;
}
