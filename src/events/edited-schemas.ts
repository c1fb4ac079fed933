import { parseSchemaFileName } from './list-schema-files.ts';
import type { SchemaText } from './read-schema-folder.ts';
import type { SchemaProblem } from './schema-problem.ts';

/** The schemas as a commit has them. */
export interface PublishedSchemas {
  /** The commit, as a person would name it: `main`, `HEAD^`. */
  readonly commit: string;
  readonly files: readonly SchemaText[];
  /** Whether a file that is there must still be here: not so for a commit that went on beside this one. */
  readonly mustBeKept: boolean;
}

/**
 * Published versions that no longer are what they were. Layout does not count: white space is not registered. Anything else does,
 * docs included, since the registry would take it for another schema and give it another id.
 * @param folder the schemas' folder as a person would write it, for the remedy
 */
export function editedSchemas(
  files: readonly SchemaText[],
  published: readonly PublishedSchemas[],
  folder: string,
): SchemaProblem[] {
  const problems = new Map<string, SchemaProblem>();
  const here = new Map(files.map(({ file, text }) => [file, text]));
  for (const { commit, files: before, mustBeKept } of published) {
    for (const { file, text } of before) {
      const now = here.get(file);
      if (problems.has(file) || parseSchemaFileName(file) === undefined) continue;
      const restore = `git checkout ${commit} -- ${folder}/${file}`;
      if (now === undefined && mustBeKept) problems.set(file, deleted(file, commit, restore));
      if (now !== undefined && !isSameSchema(now, text)) {
        problems.set(file, edited(file, commit, restore, nextVersion(file, files)));
      }
    }
  }
  return [...problems.values()];
}

/** Whether two texts are the same to the registry: JSON without white space. */
function isSameSchema(a: string, b: string): boolean {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return a === b;
  }
}

function nextVersion(file: string, files: readonly SchemaText[]): string {
  const own = parseSchemaFileName(file);
  const versions = files
    .map((one) => parseSchemaFileName(one.file))
    .filter((one) => one?.topic === own?.topic && one?.type === own?.type)
    .map((one) => one?.version ?? 0);
  return `${own?.type ?? ''}.v${Math.max(...versions) + 1}.avsc`;
}

const edited = (file: string, commit: string, restore: string, next: string): SchemaProblem => ({
  file,
  rule: 'published-edited',
  field: '',
  against: [commit],
  sentence: `was published and is edited here: the registry would give it another id`,
  remedy: `Put it back (${restore}) and make the change in ${next}.`,
});

const deleted = (file: string, commit: string, restore: string): SchemaProblem => ({
  file,
  rule: 'published-deleted',
  field: '',
  against: [commit],
  sentence: 'was published and is gone here, but events written with it are still in the log',
  remedy: `Put it back: ${restore}`,
});
