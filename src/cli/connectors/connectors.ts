import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';

/** `outbox connectors …` */
export function connectorsCommand(_context: CommandContext): Command {
  return new Command('connectors').description('what Kafka Connect is told: connectors/*.json');
}
