import type { EventSchema } from '../events/event-schema.ts';
import { accessOf } from '../events/registry-access.ts';
import { registerSchema } from '../events/registry.ts';
import { createSchemaRegistrar } from '../events/schema-registrar.ts';
import { isRefused, type PlannedSchema, type SchemaPlan } from '../events/schema-plan.ts';
import { PipelineError } from '../platform/errors.ts';
import { readSchemaPlan, type SchemaPlace } from './plan-schemas.ts';
import { saveEventSchemas } from './save-event-schemas.ts';

export interface AppliedSchema {
  readonly subject: string;
  readonly version: number;
  readonly schemaId: number;
  readonly done: 'registered' | 'unchanged';
  /** Services whose databases got the id now. */
  readonly written: readonly string[];
}

/**
 * Registers every version of every schema, oldest first, with the compatibility level, and writes the ids into each database.
 * Idempotent. Looks first: when one schema is incompatible or edited, nothing at all is registered. If it dies in the middle, each
 * schema is either registered or not, services go on with the ids they have, and the next run does the rest.
 * @param place the databases as their owners
 * @throws PipelineError `schema_incompatible`, `schema_edited`, `schema_invalid`, `registry_unreachable`, `database_unreachable`
 */
export async function applySchemas(place: SchemaPlace): Promise<AppliedSchema[]> {
  return applySchemaPlan(place, await readSchemaPlan(place));
}

/** @param plan of a moment ago; should somebody have registered meanwhile, the registry judges again */
export async function applySchemaPlan(place: SchemaPlace, plan: SchemaPlan): Promise<AppliedSchema[]> {
  if (isRefused(plan)) throw refusal(plan);
  const registrar = createSchemaRegistrar(place.registry);
  for (const { subject } of plan.levels) await registrar.setCompatibility(subject);
  const applied: (EventSchema & { schemaId: number })[] = [];
  for (const { schema, schemaId } of plan.schemas) {
    applied.push({ ...schema, schemaId: schemaId ?? (await registerSchema(place.registry, schema)) });
  }
  const registry = new URL(accessOf(place.registry).url);
  for (const { db } of place.databases)
    await saveEventSchemas(db, registry.host + registry.pathname, applied);
  return plan.schemas.map((planned, index) => outcome(planned, applied[index]?.schemaId ?? 0));
}

function outcome({ schema, state, databases }: PlannedSchema, schemaId: number): AppliedSchema {
  return {
    subject: schema.subject,
    version: schema.version,
    schemaId,
    done: state === 'registered' ? 'unchanged' : 'registered',
    written: databases.filter((database) => database.state !== 'known').map(({ name }) => name),
  };
}

function refusal({ schemas }: SchemaPlan): PipelineError {
  const [first, ...more] = schemas.filter(({ problems }) => problems.length > 0);
  const [problem] = first?.problems ?? [];
  if (first === undefined || problem === undefined) throw new Error('There is nothing to refuse.');
  const { schema, state } = first;
  const field = problem.field === '' ? '' : `, ${problem.field}`;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new PipelineError(
    state === 'edited' ? 'schema_edited' : 'schema_incompatible',
    `Nothing was registered: ${schema.type} v${schema.version}${field} ${problem.sentence}${others}.`,
    { remedy: problem.remedy },
  );
}
