import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { connectorsHealCommand } from './connectors-heal.ts';
import { connectorsApplyCommand } from './connectors-apply.ts';
import { connectorsPlanCommand } from './connectors-plan.ts';
import { connectorsDeleteCommand } from './connectors-delete.ts';
import { connectorsOffsetsCommand } from './connectors-offsets.ts';
import { connectorsPauseCommand } from './connectors-pause.ts';
import { connectorsRestartCommand } from './connectors-restart.ts';
import { connectorsResumeCommand } from './connectors-resume.ts';
import { connectorsRollbackCommand } from './connectors-rollback.ts';
import { connectorsStopCommand } from './connectors-stop.ts';
import { connectorsStatusCommand } from './connectors-status.ts';
import { connectorsWatchCommand } from './connectors-watch.ts';

/** `outbox connectors …` */
export function connectorsCommand(context: CommandContext): Command {
  return new Command('connectors')
    .description('what Kafka Connect is told: connectors/*.json')
    .addCommand(connectorsHealCommand(context))
    .addCommand(connectorsPlanCommand(context))
    .addCommand(connectorsApplyCommand(context))
    .addCommand(connectorsDeleteCommand(context))
    .addCommand(connectorsOffsetsCommand(context))
    .addCommand(connectorsPauseCommand(context))
    .addCommand(connectorsRestartCommand(context))
    .addCommand(connectorsResumeCommand(context))
    .addCommand(connectorsRollbackCommand(context))
    .addCommand(connectorsStopCommand(context))
    .addCommand(connectorsStatusCommand(context))
    .addCommand(connectorsWatchCommand(context));
}
