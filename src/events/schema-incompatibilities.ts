import { logicalName, nameOf, shortName } from './describe-schema.ts';
import type {
  LogicalType,
  Primitive,
  ResolvedEnum,
  ResolvedField,
  ResolvedFixed,
  ResolvedRecord,
  ResolvedSchema,
} from './resolved-schema.ts';

export type IncompatibilityRule =
  | 'alias-ambiguous'
  | 'enum-symbol-lost'
  | 'field-added-without-default'
  | 'fixed-size-changed'
  | 'logical-type-changed'
  | 'name-changed'
  | 'type-changed'
  | 'type-narrowed'
  | 'union-branch-lost';

/** One reason why a reader can not read what a writer wrote. */
export interface Incompatibility {
  /** From the record down, e.g. `lines[].sku`; `[]` is an item of a list, `{}` a value of a map. Empty for the record itself. */
  readonly path: string;
  readonly rule: IncompatibilityRule;
  /** What was, what is now. */
  readonly sentence: string;
  /** What to do instead. */
  readonly remedy: string;
}

/** Avro itself lets these pass: the bytes can be read, but the values then mean something else. */
const MEANING_ONLY: readonly IncompatibilityRule[] = ['logical-type-changed'];

/** Whether Avro would refuse to read, as against reading something that no longer means the same. */
export const isUnreadable = (reason: Incompatibility): boolean => !MEANING_ONLY.includes(reason.rule);

/** What each type may read besides itself (Avro specification, schema resolution). */
const PROMOTIONS: Readonly<Partial<Record<Primitive, readonly Primitive[]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Pairs of records that are being compared further up: a record that contains itself is compared once. */
type Above = readonly (readonly [reader: ResolvedRecord, writer: ResolvedRecord])[];

/**
 * Every reason why `reader` can not read what was written with `writer`; empty when it can read all of it and each value means
 * the same. Stricter than Avro in one thing, see `isUnreadable`.
 */
export function schemaIncompatibilities(
  reader: ResolvedSchema,
  writer: ResolvedSchema,
): readonly Incompatibility[] {
  return compare(reader, writer, '', []);
}

function compare(
  reader: ResolvedSchema,
  writer: ResolvedSchema,
  path: string,
  above: Above,
): Incompatibility[] {
  if (writer.kind === 'union') {
    return writer.branches.flatMap((branch) => compareBranch(reader, branch, path, above));
  }
  if (reader.kind === 'union') return compareWithBranches(reader.branches, writer, path, above);
  if (reader.kind === 'primitive' && writer.kind === 'primitive')
    return comparePrimitives(reader, writer, path);
  if (reader.kind === 'record' && writer.kind === 'record')
    return compareRecords(reader, writer, path, above);
  if (reader.kind === 'enum' && writer.kind === 'enum') return compareEnums(reader, writer, path);
  if (reader.kind === 'fixed' && writer.kind === 'fixed') return compareFixed(reader, writer, path);
  if (reader.kind === 'array' && writer.kind === 'array')
    return compare(reader.items, writer.items, `${path}[]`, above);
  if (reader.kind === 'map' && writer.kind === 'map')
    return compare(reader.values, writer.values, `${path}{}`, above);
  return [typeChanged(reader, writer, path)];
}

/** One branch of what was a union when it was written. */
function compareBranch(
  reader: ResolvedSchema,
  branch: ResolvedSchema,
  path: string,
  above: Above,
): Incompatibility[] {
  const reasons = compare(reader, branch, path, above);
  const isLost = reasons.some((reason) => reason.path === path && reason.rule === 'type-changed');
  if (!isLost) return reasons;
  return [
    {
      path,
      rule: 'union-branch-lost',
      sentence: `could be ${nameOf(branch)} and is now only ${nameOf(reader)}`,
      remedy: `Keep ${nameOf(branch)} among its types.`,
    },
  ];
}

/** Avro takes the first branch that can read it; the reasons are those of the branch that comes closest. */
function compareWithBranches(
  branches: readonly ResolvedSchema[],
  writer: ResolvedSchema,
  path: string,
  above: Above,
): Incompatibility[] {
  const tries = branches.map((branch) => compare(branch, writer, path, above));
  const fits =
    tries.find((reasons) => reasons.length === 0) ?? tries.find((reasons) => !reasons.some(isUnreadable));
  if (fits !== undefined) return fits;
  const closest = tries.find((_, index) => isSameThing(branches[index], writer));
  return closest ?? [typeChanged({ kind: 'union', branches }, writer, path)];
}

function isSameThing(branch: ResolvedSchema | undefined, writer: ResolvedSchema): boolean {
  if (branch === undefined || branch.kind !== writer.kind) return false;
  return !('name' in branch && 'name' in writer) || canStandFor(branch, writer);
}

function comparePrimitives(
  reader: Extract<ResolvedSchema, { kind: 'primitive' }>,
  writer: Extract<ResolvedSchema, { kind: 'primitive' }>,
  path: string,
): Incompatibility[] {
  if (!canRead(reader.primitive, writer.primitive)) {
    if (!canRead(writer.primitive, reader.primitive)) return [typeChanged(reader, writer, path)];
    return [
      {
        path,
        rule: 'type-narrowed',
        sentence: `was ${nameOf(writer)} and is now ${nameOf(reader)}, which does not hold all that was written`,
        remedy: `Keep ${nameOf(writer)}: a type may only widen.`,
      },
    ];
  }
  return compareLogical(reader.logical, writer.logical, path);
}

const canRead = (reader: Primitive, writer: Primitive): boolean =>
  reader === writer || (PROMOTIONS[reader] ?? []).includes(writer);

function compareLogical(
  reader: LogicalType | undefined,
  writer: LogicalType | undefined,
  path: string,
): Incompatibility[] {
  const [is, was] = [logicalName(reader), logicalName(writer)];
  if (is === was) return [];
  return [
    {
      path,
      rule: 'logical-type-changed',
      sentence: `was ${was} and is now ${is}: what was written would be read as something else, without an error`,
      remedy: 'Keep it as it was, and add a new field for the new meaning.',
    },
  ];
}

function compareFixed(reader: ResolvedFixed, writer: ResolvedFixed, path: string): Incompatibility[] {
  if (!canStandFor(reader, writer)) return [nameChanged(reader, writer, path)];
  if (reader.size === writer.size) return compareLogical(reader.logical, writer.logical, path);
  return [
    {
      path,
      rule: 'fixed-size-changed',
      sentence: `was ${writer.size} bytes long and is now ${reader.size}`,
      remedy: 'Keep the size, and add a new field for the other one.',
    },
  ];
}

function compareEnums(reader: ResolvedEnum, writer: ResolvedEnum, path: string): Incompatibility[] {
  if (!canStandFor(reader, writer)) return [nameChanged(reader, writer, path)];
  const lost = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  if (lost.length === 0 || reader.default !== undefined) return [];
  return [
    {
      path,
      rule: 'enum-symbol-lost',
      sentence: `could be ${lost.join(', ')}, which ${shortName(reader.name)} no longer has`,
      remedy: `Keep ${lost.join(', ')}, or give the enum a "default" that old values are read as.`,
    },
  ];
}

function compareRecords(
  reader: ResolvedRecord,
  writer: ResolvedRecord,
  path: string,
  above: Above,
): Incompatibility[] {
  if (above.some(([one, other]) => one === reader && other === writer)) return [];
  if (!canStandFor(reader, writer)) return [nameChanged(reader, writer, path)];
  const below: Above = [...above, [reader, writer]];
  return reader.fields.flatMap((field) => {
    const at = path === '' ? field.name : `${path}.${field.name}`;
    const [source, ...more] = sourcesOf(field, writer);
    if (source === undefined) return field.default === undefined ? [fieldAdded(field, at, below)] : [];
    if (more.length > 0) return [aliasAmbiguous([source, ...more], at)];
    return compare(field.type, source.type, at, below);
  });
}

const sourcesOf = (field: ResolvedField, writer: ResolvedRecord): ResolvedField[] =>
  writer.fields.filter(({ name }) => name === field.name || field.aliases.includes(name));

function fieldAdded(field: ResolvedField, path: string, above: Above): Incompatibility {
  const renamed = renamedFrom(field, above);
  return {
    path,
    rule: 'field-added-without-default',
    sentence: `is new and has no default, so an older event has nothing to put there`,
    remedy:
      renamed === undefined
        ? `Give it a "default"${nullHint(field)}.`
        : `If it is ${renamed} by a new name, add "aliases": ["${renamed}"]; if it is new, give it a "default".`,
  };
}

const nullHint = ({ type }: ResolvedField): string =>
  type.kind === 'union' || (type.kind === 'primitive' && type.primitive === 'null')
    ? ''
    : `, e.g. the type ["null", ...] with "default": null`;

/** The field that this one probably was: gone from the record, and of a type that this one can read. */
function renamedFrom(field: ResolvedField, above: Above): string | undefined {
  const [reader, writer] = above.at(-1) ?? [];
  if (reader === undefined || writer === undefined) return undefined;
  const gone = writer.fields.filter(
    (candidate) => !reader.fields.some((kept) => sourcesOf(kept, writer).includes(candidate)),
  );
  const fitting = gone.filter((candidate) => compare(field.type, candidate.type, '', above).length === 0);
  const alike = fitting.find(({ name }) => wordsOf(name).some((word) => wordsOf(field.name).includes(word)));
  return (alike ?? (fitting.length === 1 ? fitting[0] : undefined))?.name;
}

const wordsOf = (name: string): string[] => name.split(/(?=[A-Z])|_/).map((word) => word.toLowerCase());

function aliasAmbiguous(sources: readonly ResolvedField[], path: string): Incompatibility {
  const names = sources.map(({ name }) => name).join(' and ');
  return {
    path,
    rule: 'alias-ambiguous',
    sentence: `would be read from ${names}, all of which older events have`,
    remedy: 'Let its name and aliases name one of them only.',
  };
}

const canStandFor = (
  reader: Pick<ResolvedRecord, 'name' | 'aliases'>,
  writer: { readonly name: string },
): boolean => reader.name === writer.name || reader.aliases.includes(writer.name);

function nameChanged(
  reader: ResolvedRecord | ResolvedEnum | ResolvedFixed,
  writer: { readonly name: string },
  path: string,
): Incompatibility {
  return {
    path,
    rule: 'name-changed',
    sentence: `was the ${reader.kind} ${writer.name} and is now ${reader.name}`,
    remedy: `Keep the name ${writer.name}${path === '' ? '' : `, or add "aliases": ["${writer.name}"]`}.`,
  };
}

const typeChanged = (reader: ResolvedSchema, writer: ResolvedSchema, path: string): Incompatibility => ({
  path,
  rule: 'type-changed',
  sentence: `was ${nameOf(writer)} and is now ${nameOf(reader)}`,
  remedy: `Keep ${nameOf(writer)}, and add a new field for the other type.`,
});
