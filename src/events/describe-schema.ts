import type { LogicalType, ResolvedSchema } from './resolved-schema.ts';

/** A type in a few words, for sentences. */
export function nameOf(schema: ResolvedSchema): string {
  switch (schema.kind) {
    case 'primitive':
      return schema.logical === undefined
        ? schema.primitive
        : `${schema.primitive} (${logicalName(schema.logical)})`;
    case 'array':
      return `a list of ${nameOf(schema.items)}`;
    case 'map':
      return `a map of ${nameOf(schema.values)}`;
    case 'union':
      return schema.branches.map(nameOf).join(' | ');
    default:
      return `the ${schema.kind} ${shortName(schema.name)}`;
  }
}

export function logicalName(logical: LogicalType | undefined): string {
  if (logical === undefined) return 'a plain value';
  return logical.precision === undefined
    ? logical.name
    : `${logical.name}(${logical.precision}, ${logical.scale ?? 0})`;
}

/** Without namespace. */
export const shortName = (name: string): string => name.split('.').at(-1) ?? name;
