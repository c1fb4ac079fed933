import { Command } from 'commander';
import { waitUntilHeld } from '../../connect/wait-until-held.ts';
import type { CommandContext } from '../run-command.ts';
import { changeState, withChangeOptions, type ChangeOptions } from './change-state.ts';

/** `outbox connectors stop` */
export function connectorsStopCommand(context: CommandContext): Command {
  return withChangeOptions(new Command('stop'))
    .description('end the tasks of connectors, so that slot and offsets may be changed')
    .addHelpText(
      'after',
      `
The slot stays, and Postgres keeps the log for it: watch its budget (npx outbox connectors status).

Example:
  npx outbox connectors stop orders-outbox && npx outbox connectors offsets orders-outbox`,
    )
    .action((names: string[], options: ChangeOptions) =>
      changeState(context, names, options, {
        apply: async (connect, { file: { name } }) => {
          await connect.stop(name);
          return waitUntilHeld(connect, name, 'STOPPED', { timeoutMs: options.timeout });
        },
      }),
    );
}
