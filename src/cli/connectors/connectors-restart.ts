import { Command, Option } from 'commander';
import { restartConnector } from '../../operate/change/change-state.ts';
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
        apply: (connect, connector) =>
          restartConnector(connect, connector, {
            timeoutMs: options.timeout,
            force: options.force === true,
            failedOnly: options.failed === true,
            ...(options.task !== undefined && { task: options.task }),
          }),
      }),
    );
}
