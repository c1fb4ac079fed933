import { comparableSchema, incompatibilitiesBetween } from './compare-schemas.ts';
import { schemaKey, type EventSchemas } from './encoder.ts';
import type { EventSchema } from './event-schema.ts';
import type { RegisteredSubject } from './read-registry.ts';
import { COMPATIBILITY_LEVEL, type RegistryVerdict } from './schema-registrar.ts';
import type { SchemaProblem } from './schema-problem.ts';

/** What the registry knows of the files; maps are by `schemaKey`. */
export interface RegistryFacts {
  readonly subjects: ReadonlyMap<string, RegisteredSubject>;
  /** Files whose very content is registered. */
  readonly found: ReadonlyMap<string, { readonly schemaId: number; readonly version: number }>;
  /** The registry's opinion of the others. */
  readonly verdicts: ReadonlyMap<string, RegistryVerdict>;
}

/** What a service's database knows. */
export interface DatabaseFacts {
  readonly name: string;
  readonly known: EventSchemas;
}

export interface PlannedSchema {
  readonly schema: EventSchema;
  /** `edited`: its number already stands for another content, in the registry or in a database. */
  readonly state: 'registered' | 'new' | 'incompatible' | 'edited';
  /** Undefined unless it is registered. */
  readonly schemaId: number | undefined;
  /** Why it can not be registered. */
  readonly problems: readonly SchemaProblem[];
  readonly databases: readonly { readonly name: string; readonly state: 'known' | 'missing' | 'different' }[];
  /** The id under which databases know what the registry does not have: events in the log carry it. */
  readonly lostId: number | undefined;
}

export interface SchemaPlan {
  readonly schemas: readonly PlannedSchema[];
  /** Subjects whose compatibility level is to be set. */
  readonly levels: readonly { readonly subject: string; readonly from: string }[];
  /** Registered, but in no file: by a newer checkout, perhaps. Nothing is done about them. */
  readonly strangers: readonly { readonly subject: string; readonly version: number }[];
}

/** What `apply` would do. */
export function planSchemas(
  files: readonly EventSchema[],
  registry: RegistryFacts,
  databases: readonly DatabaseFacts[],
): SchemaPlan {
  const unclaimed = unclaimedVersions(files, registry);
  return {
    schemas: files.map((schema) => planSchema(schema, { files, registry, databases, unclaimed })),
    levels: [...registry.subjects.values()]
      .filter(({ compatibility }) => compatibility !== COMPATIBILITY_LEVEL)
      .map(({ subject, compatibility }) => ({ subject, from: compatibility })),
    // One that stands where an edited file should has been told with that file.
    strangers: unclaimed.filter((one) => !isNumberOfAFile(one, files)),
  };
}

const isNumberOfAFile = (
  { subject, version }: { subject: string; version: number },
  files: readonly EventSchema[],
): boolean => files.some((file) => file.subject === subject && file.version === version);

/** Whether nothing may be registered. */
export const isRefused = ({ schemas }: SchemaPlan): boolean =>
  schemas.some(({ problems }) => problems.length > 0);

export const hasWork = ({ schemas, levels }: SchemaPlan): boolean =>
  levels.length > 0 ||
  schemas.some(
    ({ state, databases }) =>
      state !== 'registered' || databases.some((database) => database.state !== 'known'),
  );

interface Facts {
  readonly files: readonly EventSchema[];
  readonly registry: RegistryFacts;
  readonly databases: readonly DatabaseFacts[];
  readonly unclaimed: ReturnType<typeof unclaimedVersions>;
}

function planSchema(schema: EventSchema, facts: Facts): PlannedSchema {
  const key = schemaKey(schema);
  const schemaId = facts.registry.found.get(key)?.schemaId;
  const databases = facts.databases.map(({ name, known }) => ({
    name,
    state: databaseState(schema, schemaId, known),
  }));
  const about = { schema, databases, schemaId, lostId: undefined };
  if (schemaId !== undefined) return { ...about, state: 'registered', problems: [] };
  const edited = editedProblems(schema, facts);
  if (edited.length > 0) return { ...about, state: 'edited', problems: edited };
  const incompatible = incompatibleProblems(schema, facts);
  const known = facts.databases.map((database) => database.known.get(key)).find((row) => row !== undefined);
  return {
    ...about,
    state: incompatible.length > 0 ? 'incompatible' : 'new',
    problems: incompatible,
    lostId: known?.schemaId,
  };
}

function databaseState(
  schema: EventSchema,
  schemaId: number | undefined,
  known: EventSchemas,
): 'known' | 'missing' | 'different' {
  const row = known.get(schemaKey(schema));
  if (row === undefined) return 'missing';
  return row.schemaId === schemaId && row.fingerprint === schema.fingerprint ? 'known' : 'different';
}

/** Registered under a subject of ours with a content that no file has. */
function unclaimedVersions(
  files: readonly EventSchema[],
  { subjects, found }: RegistryFacts,
): { subject: string; version: number }[] {
  const claimed = new Set(
    files.map((file) => `${file.subject} ${String(found.get(schemaKey(file))?.version)}`),
  );
  return [...subjects.values()].flatMap(({ subject, versions }) =>
    versions
      .filter(({ version }) => !claimed.has(`${subject} ${version}`))
      .map(({ version }) => ({ subject, version })),
  );
}

/** The registry counts as we do, since versions are registered in order: its n-th is our vN. */
function editedProblems(
  schema: EventSchema,
  { files, registry, databases, unclaimed }: Facts,
): SchemaProblem[] {
  const isTaken = unclaimed.some(
    ({ subject, version }) => subject === schema.subject && version === schema.version,
  );
  const there = registry.subjects
    .get(schema.subject)
    ?.versions.find(({ version }) => version === schema.version);
  const knowing = databases.filter(({ known }) => {
    const row = known.get(schemaKey(schema));
    return row !== undefined && row.fingerprint !== schema.fingerprint;
  });
  const where = [
    ...(isTaken ? ['the registry'] : []),
    ...knowing.map(({ name }) => `the database of ${name}`),
  ];
  if (where.length === 0) return [];
  const isSameBytes = knowing.length === 0 && there?.fingerprint === schema.fingerprint;
  const what = isSameBytes ? 'only its words differ (docs, aliases, defaults)' : 'its types differ';
  const next =
    1 + Math.max(...files.filter((file) => file.subject === schema.subject).map(({ version }) => version));
  return [
    {
      file: fileOf(schema),
      rule: 'edited',
      field: '',
      against: where,
      sentence: `was registered with another content: ${what}`,
      remedy: `Put the file back as it was and make the change in ${schema.type}.v${next}.avsc.`,
    },
  ];
}

/** Against all that is registered and all earlier files; the registry's own word last. */
function incompatibleProblems(schema: EventSchema, { files, registry }: Facts): SchemaProblem[] {
  const registered = registry.subjects.get(schema.subject)?.versions ?? [];
  const earlier = files.filter((file) => file.subject === schema.subject && file.version < schema.version);
  const writers = [
    ...registered.map(({ version, text }) => ({ name: `version ${version} in the registry`, text })),
    ...earlier
      .filter((file) => !registry.found.has(schemaKey(file)))
      .map(({ version, text }) => ({ name: `v${version}`, text })),
  ];
  const reader = comparableSchema(schema.text);
  const problems = new Map<string, SchemaProblem>();
  for (const writer of writers) {
    for (const { path, rule, sentence, remedy } of incompatibilitiesBetween(
      reader,
      comparableSchema(writer.text),
    )) {
      const key = JSON.stringify([path, sentence]);
      const against = [...(problems.get(key)?.against ?? []), writer.name];
      problems.set(key, { file: fileOf(schema), rule, field: path, against, sentence, remedy });
    }
  }
  const verdict = registry.verdicts.get(schemaKey(schema));
  return [...problems.values(), ...(verdict?.isCompatible === false ? [refusal(schema, verdict)] : [])];
}

const refusal = (schema: EventSchema, { messages }: RegistryVerdict): SchemaProblem => ({
  file: fileOf(schema),
  rule: 'refused-by-registry',
  field: '',
  against: [],
  sentence: `is refused by the registry${messages.length === 0 ? '' : `: ${messages.join(' ')}`}`,
  remedy: 'Mend it as said above, or define a new event type.',
});

const fileOf = ({ topic, type, version }: EventSchema): string => `${topic}/${type}.v${version}.avsc`;
