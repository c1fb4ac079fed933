import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { positionsResetCommand } from './positions-reset.ts';

/** `outbox positions …` */
export function positionsCommand(context: CommandContext): Command {
  return new Command('positions')
    .description('where a consumer reads its topic')
    .addCommand(positionsResetCommand(context));
}
