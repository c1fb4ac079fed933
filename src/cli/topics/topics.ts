import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { topicsApplyCommand } from './topics-apply.ts';

/** `outbox topics …` */
export function topicsCommand(context: CommandContext): Command {
  return new Command('topics')
    .description('the topics that the catalogue declares')
    .addCommand(topicsApplyCommand(context));
}
