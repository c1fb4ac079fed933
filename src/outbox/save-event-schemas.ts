import type { EventSchema } from '../events/event-schema.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

/**
 * Writes what the registry said of the schemas, for `loadEventSchemas`. Needs the owner's rights.
 * @param registry which registry gave the ids
 */
export async function saveEventSchemas(
  db: Queryable,
  registry: string,
  schemas: readonly (EventSchema & { schemaId: number })[],
): Promise<void> {
  await db.query({
    name: 'save_event_schemas',
    text: `
      insert into pipeline.event_schemas (subject, version, schema_id, fingerprint, registry)
      select subject, version, schema_id, fingerprint, $5
      from unnest($1::text[], $2::integer[], $3::integer[], $4::text[]) as new (subject, version, schema_id, fingerprint)
      on conflict (subject, version) do update
        set schema_id = excluded.schema_id, fingerprint = excluded.fingerprint, registry = excluded.registry, applied_at = now()`,
    values: [
      schemas.map((schema) => schema.subject),
      schemas.map((schema) => schema.version),
      schemas.map((schema) => schema.schemaId),
      schemas.map((schema) => schema.fingerprint),
      registry,
    ],
  });
}
