import { styleText } from 'node:util';
import { Command } from 'commander';
import { checkSchemas } from '../../events/check-schemas.ts';
import { editedSchemas } from '../../events/edited-schemas.ts';
import { readPublishedSchemas, type PublishedIn } from '../../events/read-published-schemas.ts';
import { readSchemaFolder, type SchemaText } from '../../events/read-schema-folder.ts';
import type { SchemaProblem } from '../../events/schema-problem.ts';
import type { CommandContext } from '../run-command.ts';
import { dirOption, folderUrl, jsonOption, type SchemaOptions } from './schema-options.ts';
import { problemLines } from './show-problems.ts';

interface Options extends SchemaOptions {
  readonly against: string;
}

/** `outbox schemas check` */
export function schemasCheckCommand(context: CommandContext): Command {
  return new Command('check')
    .description('check the schema files alone: every version can read every earlier one, none was edited')
    .option('--against <ref>', "commit that has what was published; '' compares with none", 'main')
    .addOption(dirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Needs nothing running. For CI:
  npx outbox schemas check
  npx outbox schemas check --against origin/main

On that branch itself it compares with the commit before, too. Where git or the commit is missing,
that part is skipped, with a line.`,
    )
    .action((options: Options) => schemasCheck(context, options));
}

async function schemasCheck(context: CommandContext, options: Options): Promise<void> {
  const folder = folderUrl(options.dir);
  const files = readSchemaFolder(folder);
  const git: PublishedIn =
    options.against === ''
      ? { skipped: 'not asked for' }
      : await readPublishedSchemas(folder, options.against);
  const problems = [
    ...checkSchemas(files),
    ...('published' in git ? editedSchemas(files, git.published, options.dir) : []),
  ];
  if (options.json === true) printJson(files, git, problems);
  else print(files, git, problems, options.against);
  if (problems.length > 0) context.answerNo();
}

function printJson(files: readonly SchemaText[], git: PublishedIn, problems: readonly SchemaProblem[]): void {
  const compared =
    'published' in git ? { commits: git.published.map(({ commit }) => commit) } : { skipped: git.skipped };
  console.log(JSON.stringify({ ok: problems.length === 0, schemas: files.length, problems, compared }));
}

function print(
  files: readonly SchemaText[],
  git: PublishedIn,
  problems: readonly SchemaProblem[],
  ref: string,
): void {
  for (const line of problemLines(problems)) console.log(line);
  const wrong = new Set(problems.map(({ file }) => file)).size;
  console.log(
    wrong === 0
      ? `${styleText('green', '✔')} ${counted(files.length)}: each version can read every earlier one.`
      : `${wrong} of ${counted(files.length)} can not be published like this.`,
  );
  if (ref !== '') console.log(comparisonLine(git, ref, problems));
}

function comparisonLine(git: PublishedIn, ref: string, problems: readonly SchemaProblem[]): string {
  if (!('published' in git))
    return `Not compared with ${ref}: ${git.skipped} (--against names another commit).`;
  const commits = git.published.map(({ commit }) => commit).join(' and ');
  const edited = problems.filter(({ rule }) => rule.startsWith('published-')).length;
  return edited === 0
    ? `Compared with ${commits}: no published schema was edited.`
    : `Compared with ${commits}: ${edited} published ${edited === 1 ? 'schema was' : 'schemas were'} edited.`;
}

const counted = (schemas: number): string => `${schemas} ${schemas === 1 ? 'schema' : 'schemas'}`;
