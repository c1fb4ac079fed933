import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { connectorsPlanCommand } from './connectors-plan.ts';
import { connectorsStatusCommand } from './connectors-status.ts';

/** `outbox connectors …` */
export function connectorsCommand(context: CommandContext): Command {
  return new Command('connectors')
    .description('what Kafka Connect is told: connectors/*.json')
    .addCommand(connectorsPlanCommand(context))
    .addCommand(connectorsStatusCommand(context));
}
