import type { EventSchema } from '../../events/event-schema.ts';
import type { Queryable } from '../../platform/postgres/statement.ts';
import { schemaIdOf, type Registered } from './check-registry.ts';
import { problem, warning, wrongOr, type Judgement } from './judgement.ts';

/** A row of pipeline.event_schemas: what the service writes with. */
export interface KnownSchema {
  readonly subject: string;
  readonly version: number;
  readonly schemaId: number;
  readonly fingerprint: string;
  readonly registry: string;
}

export async function readKnownSchemas(db: Queryable): Promise<KnownSchema[]> {
  const { rows } = await db.query<KnownSchema>({
    name: 'doctor_event_schemas',
    text: `
      select subject, version, schema_id as "schemaId", fingerprint, registry
      from pipeline.event_schemas order by subject, version`,
  });
  return rows;
}

/** @param registered undefined when the registry can't be asked: then only the files are compared with */
export function judgeKnownSchemas(
  known: readonly KnownSchema[],
  files: readonly EventSchema[],
  registered: Registered | undefined,
): Judgement[] {
  const wrong = [
    ...files.flatMap((file) =>
      judgeKnown(
        known.find(({ subject, version }) => subject === file.subject && version === file.version),
        file,
        registered,
      ),
    ),
    ...known
      .filter(
        (row) => !files.some(({ subject, version }) => subject === row.subject && version === row.version),
      )
      .map(({ subject, version }) =>
        warning(
          `${subject} v${version} is in the database, but not in schemas/: this checkout is older.`,
          'Check out the version that the services run.',
        ),
      ),
  ];
  const compared = registered === undefined ? 'as in schemas/' : 'as in schemas/ and the registry';
  return wrongOr(wrong, `${files.length} schemas, ${compared}`);
}

function judgeKnown(
  row: KnownSchema | undefined,
  file: EventSchema,
  registered: Registered | undefined,
): Judgement[] {
  const name = `${file.type} v${file.version}`;
  const remedy = 'Run: npx outbox schemas apply, then restart the service.';
  if (row === undefined)
    return [problem(`The database does not know ${name}: a service that writes it does not start.`, remedy)];
  if (row.fingerprint !== file.fingerprint)
    return [
      problem(
        `The database knows ${name} with other content than its file has: a service that writes it does not start.`,
        remedy,
      ),
    ];
  const id = registered && schemaIdOf(file, registered);
  if (id === undefined || id === row.schemaId) return [];
  return [
    problem(
      `The database writes ${name} with schema id ${row.schemaId} (of ${row.registry}), which is ${id} in this registry: consumers stop at such an event.`,
      remedy,
    ),
  ];
}
