import { readEventSchema, type EventSchema } from '../../events/event-schema.ts';
import { listSchemaFiles } from '../../events/list-schema-files.ts';
import { createRegistryReader } from '../../events/read-registry.ts';
import { accessOf, type RegistryPlace } from '../../events/registry-access.ts';
import { isTransientPostgresError } from '../../platform/postgres/postgres-errors.ts';
import type { OperatedPipeline, OperatedService } from '../operated-pipeline.ts';
import {
  judgeCompatibility,
  judgeSubjects,
  judgeUnknownVersions,
  type Registered,
} from './check-registry.ts';
import { judgeKnownSchemas, readKnownSchemas } from './check-schemas.ts';
import { ok, skipped } from './judgement.ts';
import type { Check, Section } from './section.ts';

/** @throws PipelineError `schema_invalid` */
export function readSchemaFiles(schemas: URL): EventSchema[] {
  return listSchemaFiles(schemas).map(({ topic, type, version }) =>
    readEventSchema(schemas, topic, type, version),
  );
}

/** The subjects of these files, as far as they exist. @throws PipelineError `registry_unreachable` */
export async function readRegistered(
  place: RegistryPlace,
  files: readonly EventSchema[],
): Promise<Registered> {
  const registry = createRegistryReader(place);
  const known = new Set(await registry.subjects());
  const subjects = [...new Set(files.map(({ subject }) => subject))].filter((subject) => known.has(subject));
  const registered = await Promise.all(subjects.map((subject) => registry.subject(subject)));
  return new Map(registered.filter((one) => one !== undefined).map((one) => [one.subject, one]));
}

interface RegistryFacts {
  readonly url: string;
  readonly files: readonly EventSchema[];
  readonly registered: Registered;
}

const registryChecks: readonly Check<RegistryFacts>[] = [
  { name: 'subjects', look: ({ files, registered }) => judgeSubjects(files, registered) },
  { name: 'unknown versions', look: ({ files, registered }) => judgeUnknownVersions(files, registered) },
  { name: 'compatibility', look: ({ registered, url }) => judgeCompatibility(registered, url) },
];

export function registrySection(
  pipeline: OperatedPipeline,
  files: readonly EventSchema[],
  registered: Promise<Registered>,
): Section<RegistryFacts> {
  return {
    title: `Schema registry ${hostOf(accessOf(pipeline.registry).url)}`,
    reach: async () => ({ url: accessOf(pipeline.registry).url, files, registered: await registered }),
    remedy: 'Start it (npm run stack -- up registry) or set REGISTRY_URL.',
    checks: registryChecks,
  };
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

interface SchemaFacts {
  readonly files: readonly EventSchema[];
  readonly registered: Registered | undefined;
}

/** What each service writes with, against what the files and the registry say. */
export function schemasSection(
  pipeline: OperatedPipeline,
  readFiles: () => EventSchema[],
  registered: Promise<Registered>,
): Section<SchemaFacts> {
  const writers = pipeline.services.filter(({ migrations }) =>
    migrations.some(({ name }) => name === 'outbox'),
  );
  return {
    title: 'Schemas',
    reach: async () => ({ files: readFiles(), registered: await registered.catch(() => undefined) }),
    remedy: 'Mend the file (schemas/README.md has the rules).',
    checks: [
      { name: 'files', look: ({ files }) => [ok(`${files.length} files, each readable`)] },
      ...writers.map(databaseCheck),
    ],
  };
}

function databaseCheck(service: OperatedService): Check<SchemaFacts> {
  return {
    name: service.name,
    look: async ({ files, registered }) => {
      try {
        return judgeKnownSchemas(await readKnownSchemas(service.pool), files, registered);
      } catch (error) {
        if (!isTransientPostgresError(error)) throw error;
        return [skipped('its database was not reached')];
      }
    },
  };
}
