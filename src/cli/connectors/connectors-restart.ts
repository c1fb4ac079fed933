import { Command, Option } from 'commander';
import type { ConnectClient } from '../../connect/connect-client.ts';
import { failureOf, type ConnectorStatus } from '../../connect/connector-status.ts';
import { waitUntilRunning } from '../../connect/wait-until-running.ts';
import { refuseLosingEvents } from '../../operate/diagnose/refuse-losing-events.ts';
import type { OperatedConnector } from '../../operate/operated-pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { CommandContext } from '../run-command.ts';
import { countOption } from '../count-option.ts';
import { changeState, withChangeOptions, type ChangeOptions } from './change-state.ts';

interface Options extends ChangeOptions {
  readonly failed?: true;
  readonly task?: number;
  readonly force?: true;
}

/** `outbox connectors restart` */
export function connectorsRestartCommand(context: CommandContext): Command {
  return withChangeOptions(new Command('restart'))
    .description('restart connectors with all their tasks, unless that would lose events')
    .addOption(new Option('--failed', 'only what has FAILED; nothing where nothing has').conflicts('task'))
    .option('--task <number>', 'only this task', countOption)
    .option('--force', 'without comparing slot, stored offset, publication and server')
    .addHelpText(
      'after',
      `
A restarted task goes on behind its stored offset. Where the slot is ahead of it the events between would be lost
without a word, so the two are compared first: npx outbox connectors heal mends it.

Examples:
  npx outbox connectors restart orders-outbox
  npx outbox connectors restart --all --failed`,
    )
    .action((names: string[], options: Options) =>
      changeState(context, names, options, {
        apply: (connect, connector) => restart(connect, connector, options),
      }),
    );
}

async function restart(
  connect: ConnectClient,
  connector: OperatedConnector,
  options: Options,
): Promise<ConnectorStatus> {
  const { name } = connector.file;
  const before = await connect.status(name);
  if (before === undefined || before.connector.state === 'STOPPED' || before.connector.state === 'PAUSED')
    throw heldBack(name, before?.connector.state ?? 'unknown');
  if (options.failed === true && failureOf(before) === undefined) return before;
  if (options.task !== undefined && !before.tasks.some(({ id }) => id === options.task))
    throw new PipelineError('usage_invalid', `${name} has no task ${options.task}.`, {
      remedy: `It has: ${before.tasks.map(({ id }) => id).join(', ') || 'none'}.`,
    });
  if (options.force !== true) await refuseLosingEvents(connector, connect, { verb: 'restart' });
  if (options.failed === true) await connect.restartFailed(name);
  else if (options.task !== undefined) await connect.restartTask(name, options.task);
  else await connect.restart(name);
  return waitUntilRunning(connect, name, 'restarted', { timeoutMs: options.timeout });
}

function heldBack(name: string, state: string): PipelineError {
  return new PipelineError('connector_failed', `${name} is ${state}: there is nothing to restart.`, {
    remedy: `Let it go on: npx outbox connectors resume ${name}.`,
  });
}
