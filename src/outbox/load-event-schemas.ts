import { schemaKey } from '../events/encoder.ts';
import type { EventSchemas } from '../events/encoder.ts';
import type { EventSchema } from '../events/event-schema.ts';
import { PipelineError } from '../platform/errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

/**
 * The schema ids that this service's database knows, read once at start.
 * @param written what this build writes
 * @throws PipelineError `schemas_not_applied` when one of them is missing or was registered with other content: better
 * at the start than in a customer's request
 */
export async function loadEventSchemas(
  db: Queryable,
  written: readonly EventSchema[],
): Promise<EventSchemas> {
  const { rows } = await db.query<{
    subject: string;
    version: number;
    schemaId: number;
    fingerprint: string;
  }>({
    name: 'load_event_schemas',
    text: `select subject, version, schema_id as "schemaId", fingerprint from pipeline.event_schemas`,
  });
  const schemas = new Map(rows.map((row) => [schemaKey(row), row]));
  const missing = written.filter(
    (schema) => schemas.get(schemaKey(schema))?.fingerprint !== schema.fingerprint,
  );
  if (missing.length === 0) return schemas;
  throw new PipelineError(
    'schemas_not_applied',
    `The database does not know these schemas as this build writes them: ${missing.map(schemaKey).join(', ')}.`,
    { remedy: 'Run: npx outbox schemas apply' },
  );
}
