import { Command } from 'commander';
import { waitUntilHeld } from '../../connect/wait-until-held.ts';
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
        apply: async (connect, { file: { name } }) => {
          await connect.pause(name);
          return waitUntilHeld(connect, name, 'PAUSED', { timeoutMs: options.timeout });
        },
      }),
    );
}
