import Table from 'cli-table3';
import { Command } from 'commander';
import { isRefused } from '../../events/schema-plan.ts';
import { applySchemaPlan, type AppliedSchema } from '../../outbox/apply-schemas.ts';
import { readSchemaPlan } from '../../outbox/plan-schemas.ts';
import type { CommandContext } from '../run-command.ts';
import { dirOption, jsonOption, type SchemaOptions } from './schema-options.ts';
import { withSchemaPlace } from './schema-place.ts';
import { problemLines } from './show-problems.ts';

/** `outbox schemas apply` */
export function schemasApplyCommand(context: CommandContext): Command {
  return new Command('apply')
    .description(
      'register every schema and write the ids into the databases of the services that write events',
    )
    .addOption(dirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Looks first: when one schema is incompatible or edited, nothing at all is registered. Running it again changes nothing.
  npx outbox schemas plan && npx outbox schemas apply`,
    )
    .action((options: SchemaOptions) => schemasApply(context, options));
}

async function schemasApply(context: CommandContext, options: SchemaOptions): Promise<void> {
  await withSchemaPlace(context, options, 'owner', async (place) => {
    const plan = await readSchemaPlan(place);
    // All reasons; the sentence that follows on stderr has the first.
    if (isRefused(plan) && options.json !== true) {
      for (const line of problemLines(plan.schemas.flatMap(({ problems }) => problems))) console.log(line);
    }
    const applied = await applySchemaPlan(place, plan);
    if (options.json === true) console.log(JSON.stringify(applied));
    else print(applied, place.databases.length);
  });
}

function print(applied: readonly AppliedSchema[], databases: number): void {
  const table = new Table({
    head: ['subject', 'version', 'schema id', 'done'],
    style: { head: [], border: [] },
  });
  for (const schema of applied)
    table.push([schema.subject, schema.version, schema.schemaId, doneInWords(schema)]);
  console.log(table.toString());
  const fresh = applied.filter(({ done }) => done === 'registered').length;
  console.log(
    `${applied.length} schemas are registered (${fresh} of them now) and known to ${databases} databases.`,
  );
}

function doneInWords({ done, written }: AppliedSchema): string {
  if (done === 'registered') return 'registered';
  return written.length === 0 ? 'unchanged' : `id written: ${written.join(', ')}`;
}
