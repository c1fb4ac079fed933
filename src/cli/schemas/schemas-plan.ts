import { Command } from 'commander';
import { hasWork, type PlannedSchema, type SchemaPlan } from '../../events/schema-plan.ts';
import { readSchemaPlan } from '../../outbox/plan-schemas.ts';
import type { CommandContext } from '../run-command.ts';
import { dirOption, jsonOption, type SchemaOptions } from './schema-options.ts';
import { withSchemaPlace } from './schema-place.ts';
import { schemaPlanLines } from './show-schema-plan.ts';

/** `outbox schemas plan` */
export function schemasPlanCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('what apply would do, against the registry and the databases; changes nothing')
    .addOption(dirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Exit code 0 when there is nothing to do, 1 when there is, 3 when registry or database can not be reached:
  npx outbox schemas plan --json | jq '.schemas[] | select(.state != "registered")'`,
    )
    .action((options: SchemaOptions) => schemasPlan(context, options));
}

async function schemasPlan(context: CommandContext, options: SchemaOptions): Promise<void> {
  const plan = await withSchemaPlace(context, options, 'ops', readSchemaPlan);
  if (options.json === true) console.log(JSON.stringify(planJson(plan)));
  else console.log(schemaPlanLines(plan).join('\n'));
  if (hasWork(plan)) context.answerNo();
}

const planJson = (plan: SchemaPlan): object => ({
  nothingToDo: !hasWork(plan),
  ...plan,
  schemas: plan.schemas.map(schemaJson),
});

const schemaJson = ({ schema, ...planned }: PlannedSchema): object => ({
  subject: schema.subject,
  version: schema.version,
  ...planned,
});
