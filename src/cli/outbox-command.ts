import { Command } from 'commander';
import { auditCommand } from './audit/audit.ts';
import { connectorsCommand } from './connectors/connectors.ts';
import { doctorCommand } from './doctor.ts';
import { eventsCommand } from './events/events.ts';
import { parkedCommand } from './parked/parked.ts';
import { positionsCommand } from './positions/positions.ts';
import { probeCommand } from './probe/probe.ts';
import { rebuildCommand } from './rebuild/rebuild.ts';
import type { CommandContext } from './run-command.ts';
import { schemasCommand } from './schemas/schemas.ts';
import { topicsCommand } from './topics/topics.ts';
import { traceCommand } from './trace/trace.ts';

/** One line for each noun; the verbs are in the noun's folder, one file each. */
export function outboxCommand(context: CommandContext): Command {
  const outbox = new Command('outbox')
    .description(
      'Operate the outbox pipeline. Addresses come from the environment (.env.example lists the variables).',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 what was asked for is not so, 2 wrong usage, 3 something can not be reached.',
    )
    .showHelpAfterError('(npx outbox --help shows the commands)')
    .exitOverride();
  const commands = [
    auditCommand(context),
    connectorsCommand(context),
    doctorCommand(context),
    eventsCommand(context),
    parkedCommand(context),
    positionsCommand(context),
    probeCommand(context),
    rebuildCommand(context),
    schemasCommand(context),
    topicsCommand(context),
    traceCommand(context),
  ];
  for (const command of commands) outbox.addCommand(inheriting(outbox, command));
  return outbox;
}

/** Commander passes its settings on only to commands that it made itself. */
function inheriting(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const verb of command.commands) inheriting(command, verb);
  return command;
}
