import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { parkedDiscardCommand } from './parked-discard.ts';
import { parkedListCommand } from './parked-list.ts';
import { parkedRedriveCommand } from './parked-redrive.ts';
import { parkedShowCommand } from './parked-show.ts';
import { parkedSkipCommand } from './parked-skip.ts';

/** `outbox parked …` */
export function parkedCommand(context: CommandContext): Command {
  return new Command('parked')
    .description('keys that consumers hold: an event fails, or one is missing')
    .addCommand(parkedListCommand(context))
    .addCommand(parkedShowCommand(context))
    .addCommand(parkedRedriveCommand(context))
    .addCommand(parkedDiscardCommand(context))
    .addCommand(parkedSkipCommand(context));
}
