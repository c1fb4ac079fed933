import { schemaKey, type EventSchemas } from '../events/encoder.ts';
import { readEventSchema, type EventSchema } from '../events/event-schema.ts';
import { listSchemaFiles } from '../events/list-schema-files.ts';
import { createRegistryReader } from '../events/read-registry.ts';
import type { RegistryPlace } from '../events/registry-access.ts';
import { createSchemaRegistrar } from '../events/schema-registrar.ts';
import {
  planSchemas,
  type DatabaseFacts,
  type RegistryFacts,
  type SchemaPlan,
} from '../events/schema-plan.ts';
import { PipelineError } from '../platform/errors.ts';
import { isConnectionLost } from '../platform/postgres/postgres-errors.ts';
import type { Queryable } from '../platform/postgres/statement.ts';

/** A database in which a service looks up its schema ids. */
export interface SchemaDatabase {
  /** The service's. */
  readonly name: string;
  readonly db: Queryable;
}

export interface SchemaPlace {
  /** The folder `schemas/`. */
  readonly schemas: URL;
  readonly registry: RegistryPlace;
  readonly databases: readonly SchemaDatabase[];
}

/**
 * Compares the files with the registry and the databases; changes nothing.
 * @throws PipelineError `schema_invalid`, `registry_unreachable`, `database_unreachable`
 */
export async function readSchemaPlan(place: SchemaPlace): Promise<SchemaPlan> {
  const files = listSchemaFiles(place.schemas).map(({ topic, type, version }) =>
    readEventSchema(place.schemas, topic, type, version),
  );
  const [registry, databases] = await Promise.all([
    readRegistryFacts(place.registry, files),
    Promise.all(place.databases.map(readDatabaseFacts)),
  ]);
  return planSchemas(files, registry, databases);
}

async function readRegistryFacts(
  registry: RegistryPlace,
  files: readonly EventSchema[],
): Promise<RegistryFacts> {
  const reader = createRegistryReader(registry);
  const registrar = createSchemaRegistrar(registry);
  const names = [...new Set(files.map(({ subject }) => subject))];
  const subjects = await Promise.all(names.map((name) => reader.subject(name)));
  const facts = await Promise.all(
    files.map(async (schema) => {
      const found = await registrar.find(schema);
      const verdict = found === undefined ? await registrar.judge(schema) : undefined;
      return { key: schemaKey(schema), found, verdict };
    }),
  );
  return {
    subjects: new Map(subjects.flatMap((one) => (one === undefined ? [] : [[one.subject, one] as const]))),
    found: new Map(facts.flatMap(({ key, found }) => (found === undefined ? [] : [[key, found] as const]))),
    verdicts: new Map(
      facts.flatMap(({ key, verdict }) => (verdict === undefined ? [] : [[key, verdict] as const])),
    ),
  };
}

async function readDatabaseFacts({ name, db }: SchemaDatabase): Promise<DatabaseFacts> {
  try {
    return { name, known: await readKnownSchemas(db) };
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    throw new PipelineError(
      'database_unreachable',
      `The database of ${name} did not answer: ${(error as Error).message}.`,
      { remedy: 'Start it (npm run stack -- up postgres), or set its address.', cause: error },
    );
  }
}

/** What `saveEventSchemas` wrote, by `schemaKey`. */
async function readKnownSchemas(db: Queryable): Promise<EventSchemas> {
  const { rows } = await db.query<{
    subject: string;
    version: number;
    schemaId: number;
    fingerprint: string;
  }>({
    name: 'read_known_schemas',
    text: `select subject, version, schema_id as "schemaId", fingerprint from pipeline.event_schemas`,
  });
  return new Map(rows.map((row) => [schemaKey(row), row]));
}
