import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { PipelineError } from '../platform/errors.ts';
import type { WriterSchemaSource } from './decoder.ts';
import type { EventSchema } from './event-schema.ts';

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
      throw unreachable(registryUrl, error);
    }
  };
}

/**
 * Registers one schema under its subject, with compatibility BACKWARD_TRANSITIVE: a reader of the newest version can
 * read every older one, so the whole kept log stays readable. Registering the same schema again gives the same id.
 * @throws PipelineError `schema_incompatible` with the registry's reason, `registry_unreachable`
 */
export async function registerSchema(registryUrl: string, schema: EventSchema): Promise<number> {
  const registry = createRegistry(registryUrl);
  try {
    const { id } = await registry.register(
      // Without white space: a file that is laid out anew must not become another schema with another id.
      { type: SchemaType.AVRO, schema: JSON.stringify(JSON.parse(schema.text)) },
      { subject: schema.subject, compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE },
    );
    return id;
  } catch (error) {
    if (statusOf(error) !== 409) throw unreachable(registryUrl, error);
    throw new PipelineError(
      'schema_incompatible',
      `The registry refuses ${schema.type} v${schema.version}: ${(error as Error).message}`,
      {
        remedy: 'Give new fields a default and keep the old ones, or define a new event type.',
        cause: error,
      },
    );
  }
}

function createRegistry(registryUrl: string): SchemaRegistry {
  return new SchemaRegistry({ host: registryUrl, retry: { retries: 2, maxRetryTimeInSecs: 1 } });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;
}

function unreachable(registryUrl: string, error: unknown): PipelineError {
  const { host } = new URL(registryUrl);
  return new PipelineError(
    'registry_unreachable',
    `The schema registry at ${host} did not answer: ${(error as Error).message}`,
    {
      remedy: 'Start it (npm run stack -- up registry) or set REGISTRY_URL.',
      cause: error,
    },
  );
}
