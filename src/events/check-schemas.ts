import avro from 'avsc';
import { comparableSchema, incompatibilitiesBetween, type ComparableSchema } from './compare-schemas.ts';
import { parseSchemaFileName } from './list-schema-files.ts';
import type { SchemaText } from './read-schema-folder.ts';
import { resolveSchema, type ResolvedSchema } from './resolved-schema.ts';
import { fieldsWithoutDoc, unfitDefaults, type FieldProblem } from './schema-defaults.ts';
import type { SchemaProblem } from './schema-problem.ts';

interface CheckedFile extends SchemaText {
  readonly topic: string;
  readonly type: string;
  readonly version: number;
}
interface CheckedSchema extends CheckedFile, ComparableSchema {}

/**
 * Everything that is wrong with the schemas as they are, without looking at what was published: names, gaps, content, and every
 * version against every earlier one of its event type, so that the newest reads all that was ever written.
 */
export function checkSchemas(texts: readonly SchemaText[]): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const files: CheckedFile[] = [];
  for (const text of texts) {
    const name = parseSchemaFileName(text.file);
    if (name === undefined) problems.push(wrongFileName(text.file));
    else files.push({ ...text, ...name });
  }
  const types = Map.groupBy(files, ({ topic, type }) => `${topic}/${type}`);
  for (const versions of types.values()) {
    problems.push(...checkVersions(versions.toSorted((a, b) => a.version - b.version)));
  }
  return problems.toSorted((a, b) => a.file.localeCompare(b.file, 'en', { numeric: true }));
}

function checkVersions(versions: readonly CheckedFile[]): SchemaProblem[] {
  const problems = versions.flatMap((file, index) => missingBefore(file, versions[index - 1]?.version ?? 0));
  const readable: CheckedSchema[] = [];
  for (const file of versions) {
    const own = checkContent(file);
    problems.push(...own);
    if (own.some(({ rule }) => rule === 'not-avro' || rule === 'default-unfit' || rule === 'record-name'))
      continue;
    readable.push({ ...file, ...comparableSchema(file.text) });
  }
  for (const [index, reader] of readable.entries()) {
    problems.push(...checkAgainst(reader, readable.slice(0, index)));
  }
  return problems;
}

function missingBefore(file: CheckedFile, before: number): SchemaProblem[] {
  if (file.version === before + 1) return [];
  const missing = file.version === before + 2 ? `v${before + 1}` : `v${before + 1} to v${file.version - 1}`;
  return [
    problem(file, 'version-missing', {
      sentence: `stands after a hole: there is no ${missing} of ${file.type}`,
      remedy: 'Versions are numbered 1, 2, 3 ...: rename it, or bring the missing file back.',
    }),
  ];
}

function checkContent(file: CheckedFile): SchemaProblem[] {
  const { resolved, reason } = resolveText(file.text);
  if (resolved === undefined) return [notAvro(file, reason)];
  const unfit = unfitDefaults(resolved).map((field) => fieldProblem(file, 'default-unfit', field));
  const docs = fieldsWithoutDoc(resolved).map((field) => fieldProblem(file, 'doc-missing', field));
  const names = checkName(file, resolved);
  const other = unfit.length === 0 ? avroReason(file.text) : undefined;
  return [...(other === undefined ? [] : [notAvro(file, other)]), ...names, ...unfit, ...docs];
}

function resolveText(text: string): { resolved?: ResolvedSchema; reason: string } {
  try {
    return { resolved: resolveSchema(JSON.parse(text)), reason: '' };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

function avroReason(text: string): string | undefined {
  try {
    avro.Type.forSchema(JSON.parse(text) as avro.Schema);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The subject is `<topic>-<record name>` (TopicRecordNameStrategy), so the file's place decides on both halves. */
function checkName(file: CheckedFile, schema: ResolvedSchema): SchemaProblem[] {
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(file.topic)) {
    return [
      problem(file, 'topic-name', {
        sentence: `stands in ${file.topic}, which can not be a topic's name`,
        remedy: 'Name the folder as its topic: letters, digits, ".", "_" and "-".',
      }),
    ];
  }
  const names = schema.kind === 'record' ? schema.name.split('.') : [];
  if (names.at(-1) === file.type && names.length > 1) return [];
  const found = schema.kind === 'record' ? `the record ${schema.name}` : 'no record';
  return [
    problem(file, 'record-name', {
      sentence: `holds ${found}; its subject must be ${file.topic}-<namespace>.${file.type}`,
      remedy: `Make it a record with "name": "${file.type}" and a "namespace".`,
    }),
  ];
}

/** One problem for each reason, with all the versions that it holds against. */
function checkAgainst(reader: CheckedSchema, writers: readonly CheckedSchema[]): SchemaProblem[] {
  const found = new Map<string, SchemaProblem>();
  for (const writer of writers) {
    for (const reason of incompatibilitiesBetween(reader, writer)) {
      const { path, rule, sentence, remedy } = reason;
      const key = JSON.stringify([path, sentence]);
      const against = [...(found.get(key)?.against ?? []), `v${writer.version}`];
      found.set(key, { file: reader.file, rule, field: path, against, sentence, remedy });
    }
  }
  return [...found.values()];
}

const wrongFileName = (file: string): SchemaProblem => ({
  file,
  rule: 'file-name',
  field: '',
  against: [],
  sentence: 'is not named <Event>.v<N>.avsc, so nobody would register it',
  remedy: 'Rename it, as in OrderPlaced.v1.avsc.',
});

const notAvro = (file: CheckedFile, reason: string): SchemaProblem =>
  problem(file, 'not-avro', {
    sentence: `is no Avro schema: ${reason}`,
    remedy: 'Mend the file (schemas/README.md has the rules).',
  });

const fieldProblem = (file: CheckedFile, rule: string, field: FieldProblem): SchemaProblem => ({
  ...problem(file, rule, field),
  field: field.path,
});

const problem = (
  { file }: CheckedFile,
  rule: string,
  { sentence, remedy }: Pick<SchemaProblem, 'sentence' | 'remedy'>,
): SchemaProblem => ({ file, rule, field: '', against: [], sentence, remedy });
