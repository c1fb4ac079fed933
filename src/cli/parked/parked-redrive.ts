import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { askConsumers, withAskOptions, type AskOptions } from './ask-consumers.ts';
import { withReasonFilter } from './parked-filter.ts';

const HELP = `
Runs the queues of the keys that fit, in order, through the handlers of the running consumer, each up to the first event that fails.
What is applied stays applied; live events of the keys wait meanwhile and are neither lost nor overtaken.

Exit codes: 0 every key flows again, 1 one is still held or not done yet, 2 wrong usage, 3 a database can not be reached.

  npx outbox parked redrive --consumer inventory --dry-run
  npx outbox parked redrive --type OrderPlaced --reason "no such sku"`;

/** `outbox parked redrive` */
export function parkedRedriveCommand(context: CommandContext): Command {
  return withReasonFilter(withAskOptions(new Command('redrive')))
    .description('run the queues of parked keys again')
    .addHelpText('after', HELP)
    .action((options: AskOptions) =>
      askConsumers(context, {
        ...options,
        filter: options,
        kind: 'redrive',
        doing: 'run the queue of',
        why: null,
        confirm: false,
      }),
    );
}
