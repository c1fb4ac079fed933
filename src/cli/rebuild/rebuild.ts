import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { rebuildAbandonCommand } from './rebuild-abandon.ts';
import { rebuildRollbackCommand } from './rebuild-rollback.ts';
import { rebuildStartCommand } from './rebuild-start.ts';
import { rebuildStatusCommand } from './rebuild-status.ts';
import { rebuildSwapCommand } from './rebuild-swap.ts';

/** `outbox rebuild …` */
export function rebuildCommand(context: CommandContext): Command {
  return new Command('rebuild')
    .description('make the state of a consumer again from its events, and swap it in')
    .addCommand(rebuildStartCommand(context))
    .addCommand(rebuildStatusCommand(context))
    .addCommand(rebuildSwapCommand(context))
    .addCommand(rebuildRollbackCommand(context))
    .addCommand(rebuildAbandonCommand(context));
}
