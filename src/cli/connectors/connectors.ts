import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { connectorsApplyCommand } from './connectors-apply.ts';
import { connectorsDeleteCommand } from './connectors-delete.ts';
import { connectorsHealCommand } from './connectors-heal.ts';
import { connectorsOffsetsCommand } from './connectors-offsets.ts';
import { connectorsPauseCommand } from './connectors-pause.ts';
import { connectorsPlanCommand } from './connectors-plan.ts';
import { connectorsRestartCommand } from './connectors-restart.ts';
import { connectorsResumeCommand } from './connectors-resume.ts';
import { connectorsRollbackCommand } from './connectors-rollback.ts';
import { connectorsStatusCommand } from './connectors-status.ts';
import { connectorsStopCommand } from './connectors-stop.ts';
import { connectorsWatchCommand } from './connectors-watch.ts';

/** `outbox connectors …` */
export function connectorsCommand(context: CommandContext): Command {
  return new Command('connectors')
    .description('what Kafka Connect is told: connectors/*.json')
    .addCommand(connectorsPlanCommand(context))
    .addCommand(connectorsApplyCommand(context))
    .addCommand(connectorsRollbackCommand(context))
    .addCommand(connectorsStatusCommand(context))
    .addCommand(connectorsWatchCommand(context))
    .addCommand(connectorsHealCommand(context))
    .addCommand(connectorsRestartCommand(context))
    .addCommand(connectorsPauseCommand(context))
    .addCommand(connectorsResumeCommand(context))
    .addCommand(connectorsStopCommand(context))
    .addCommand(connectorsOffsetsCommand(context))
    .addCommand(connectorsDeleteCommand(context));
}
