import { styleText } from 'node:util';
import { COMPATIBILITY_LEVEL } from '../../events/schema-registrar.ts';
import { hasWork, isRefused, type PlannedSchema, type SchemaPlan } from '../../events/schema-plan.ts';
import { problemLines } from './show-problems.ts';

/** A line a schema, then what is wrong and what else is to know, then what to do. Colours only on a terminal. */
export function schemaPlanLines(plan: SchemaPlan): string[] {
  const width = Math.max(0, ...plan.schemas.map((planned) => nameOf(planned).length));
  return [
    ...plan.schemas.map((planned) => schemaLine(planned, width)),
    ...plan.levels.map(
      ({ subject, from }) =>
        `${styleText('yellow', '~')} ${subject}: compatibility ${from} → ${COMPATIBILITY_LEVEL}`,
    ),
    ...plan.strangers.map(
      ({ subject, version }) =>
        `  ${subject} has version ${version} in the registry that is in no file here; it is left alone.`,
    ),
    ...problemLines(plan.schemas.flatMap(({ problems }) => problems)),
    summaryLine(plan),
  ];
}

const nameOf = ({ schema }: PlannedSchema): string => `${schema.topic}/${schema.type} v${schema.version}`;

function schemaLine(planned: PlannedSchema, width: number): string {
  const { state, schemaId, databases, lostId } = planned;
  const said =
    state === 'registered'
      ? `registered as ${schemaId ?? ''}`
      : state === 'new' && lostId !== undefined
        ? `lost by the registry: databases and events in the log know it as ${lostId}`
        : state;
  return `${markOf(planned)} ${nameOf(planned).padEnd(width)}  ${said}${state === 'registered' ? idsToWrite(databases) : ''}`;
}

function idsToWrite(databases: PlannedSchema['databases']): string {
  const missing = databases.filter(({ state }) => state === 'missing').map(({ name }) => name);
  const different = databases.filter(({ state }) => state === 'different').map(({ name }) => name);
  return [
    missing.length === 0 ? '' : `; id missing in ${missing.join(', ')}`,
    different.length === 0 ? '' : `; another id in ${different.join(', ')}`,
  ].join('');
}

function markOf({ state, databases }: PlannedSchema): string {
  if (state === 'new') return styleText('green', '+');
  if (state !== 'registered') return styleText('red', '!');
  return databases.every((database) => database.state === 'known')
    ? styleText('dim', '=')
    : styleText('yellow', '~');
}

function summaryLine(plan: SchemaPlan): string {
  const { schemas, levels } = plan;
  if (isRefused(plan)) {
    const refused = schemas.filter(({ problems }) => problems.length > 0).length;
    return `${refused} of ${schemas.length} schemas can not be registered, so apply would register nothing.`;
  }
  if (!hasWork(plan))
    return `Nothing to do: ${schemas.length} schemas are registered and known to the databases.`;
  const fresh = schemas.filter(({ state }) => state === 'new').length;
  const ids = schemas.flatMap(({ databases }) => databases).filter(({ state }) => state !== 'known').length;
  const parts = [
    ...(fresh > 0 ? [`register ${fresh}`] : []),
    ...(ids > 0 ? [`write ${ids} ids into databases`] : []),
    ...(levels.length > 0 ? [`set ${levels.length} compatibility levels`] : []),
  ];
  return `To do: ${parts.join(', ')}. Run: npx outbox schemas apply`;
}
