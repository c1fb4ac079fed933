import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { eventsTailCommand } from './events-tail.ts';

/** `outbox events …` */
export function eventsCommand(context: CommandContext): Command {
  return new Command('events').description('what is said: the topics').addCommand(eventsTailCommand(context));
}
