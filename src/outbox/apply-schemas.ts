import { readEventSchema } from '../events/event-schema.ts';
import { listSchemaFiles } from '../events/list-schema-files.ts';
import { registerSchema } from '../events/registry.ts';
import type { Queryable } from '../platform/postgres/statement.ts';
import { saveEventSchemas } from './save-event-schemas.ts';

export interface AppliedSchema {
  readonly subject: string;
  readonly version: number;
  readonly schemaId: number;
}

/**
 * Registers every version of every schema, oldest first, and writes the ids into each database. Idempotent.
 * If it dies in between, services go on with the ids they have, and the next run does the rest.
 * @param databases of the services with an outbox, as their owners
 * @throws PipelineError `schema_incompatible`, `schema_invalid`, `registry_unreachable`
 */
export async function applySchemas(options: {
  schemas: URL;
  registryUrl: string;
  databases: readonly Queryable[];
}): Promise<AppliedSchema[]> {
  const schemas = listSchemaFiles(options.schemas).map((file) =>
    readEventSchema(options.schemas, file.topic, file.type, file.version),
  );
  const applied = [];
  for (const schema of schemas) {
    applied.push({ ...schema, schemaId: await registerSchema(options.registryUrl, schema) });
  }
  const registry = new URL(options.registryUrl);
  for (const db of options.databases) await saveEventSchemas(db, registry.host + registry.pathname, applied);
  return applied.map(({ subject, version, schemaId }) => ({ subject, version, schemaId }));
}
