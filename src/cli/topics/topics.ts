import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { topicsApplyCommand } from './topics-apply.ts';
import { topicsPlanCommand } from './topics-plan.ts';

/** `outbox topics …` */
export function topicsCommand(context: CommandContext): Command {
  return new Command('topics')
    .description('the topics that the catalogue declares')
    .addCommand(topicsPlanCommand(context))
    .addCommand(topicsApplyCommand(context));
}
