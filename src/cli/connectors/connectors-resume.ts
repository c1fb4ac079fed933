import { Command } from 'commander';
import { resumeConnector } from '../../operate/change/change-state.ts';
import type { CommandContext } from '../run-command.ts';
import { changeState, withChangeOptions, type ChangeOptions } from './change-state.ts';

interface Options extends ChangeOptions {
  readonly force?: true;
}

/** `outbox connectors resume` */
export function connectorsResumeCommand(context: CommandContext): Command {
  return withChangeOptions(new Command('resume'))
    .description('let paused or stopped connectors go on, unless that would lose events')
    .option('--force', 'without comparing slot, stored offset, publication and server')
    .addHelpText(
      'after',
      `
Debezium passes over what lies between its stored offset and a slot that is ahead of it, and says nothing. So the two
are compared first, and a connector that would lose events is left as it is: npx outbox connectors heal mends it.
What had FAILED is not restarted by this: npx outbox connectors restart --failed.

Example:
  npx outbox connectors resume orders-outbox`,
    )
    .action((names: string[], options: Options) =>
      changeState(context, names, options, {
        apply: (connect, connector) =>
          resumeConnector(connect, connector, {
            timeoutMs: options.timeout,
            force: options.force === true,
          }),
      }),
    );
}
