import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { connectorsHealCommand } from './connectors-heal.ts';
import { connectorsPlanCommand } from './connectors-plan.ts';
import { connectorsStatusCommand } from './connectors-status.ts';
import { connectorsWatchCommand } from './connectors-watch.ts';

/** `outbox connectors …` */
export function connectorsCommand(context: CommandContext): Command {
  return new Command('connectors')
    .description('what Kafka Connect is told: connectors/*.json')
    .addCommand(connectorsHealCommand(context))
    .addCommand(connectorsPlanCommand(context))
    .addCommand(connectorsStatusCommand(context))
    .addCommand(connectorsWatchCommand(context));
}
