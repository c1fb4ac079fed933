import { Command } from 'commander';
import { pauseConnector } from '../../operate/change/change-state.ts';
import type { CommandContext } from '../run-command.ts';
import { changeState, withChangeOptions, type ChangeOptions } from './change-state.ts';

/** `outbox connectors pause` */
export function connectorsPauseCommand(context: CommandContext): Command {
  return withChangeOptions(new Command('pause'))
    .description('let connectors do nothing until they are resumed; they keep their slots')
    .addHelpText(
      'after',
      `
Meanwhile Postgres keeps the log for the slot: watch its budget (npx outbox connectors status). To change offsets, stop
the connector instead.

Example:
  npx outbox connectors pause orders-outbox`,
    )
    .action((names: string[], options: ChangeOptions) =>
      changeState(context, names, options, {
        apply: (connect, connector) => pauseConnector(connect, connector, { timeoutMs: options.timeout }),
      }),
    );
}
