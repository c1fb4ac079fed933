import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { schemasApplyCommand } from './schemas-apply.ts';
import { schemasCheckCommand } from './schemas-check.ts';
import { schemasPlanCommand } from './schemas-plan.ts';

/** `outbox schemas …` */
export function schemasCommand(context: CommandContext): Command {
  return new Command('schemas')
    .description('what may be said: schemas/*.avsc and the registry')
    .addCommand(schemasCheckCommand(context))
    .addCommand(schemasPlanCommand(context))
    .addCommand(schemasApplyCommand(context));
}
