import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { askConsumers, withAskOptions } from './ask-consumers.ts';
import { filterOf, withDecisionOptions, type DecisionOptions } from './decision-options.ts';

interface Options extends DecisionOptions {
  readonly all?: true;
}

const HELP = `
Passes over the first event of each parked key that fits, or with --all over everything that is in its queue now, and goes on with
the rest. Who did it, when and why stays in pipeline.parked_decisions. Without --yes it asks on the terminal.

Exit codes: 0 every key flows again, 1 one is still held or not done yet, 2 wrong usage, 3 a database can not be reached.

  npx outbox parked discard --key customer-17 --reason "test order of the launch, ticket 4711"`;

/** `outbox parked discard` */
export function parkedDiscardCommand(context: CommandContext): Command {
  return withDecisionOptions(withAskOptions(new Command('discard')))
    .description('pass over events that can not be applied')
    .option('--all', 'everything in the queue, not only the first event')
    .addHelpText('after', HELP)
    .action((options: Options) =>
      askConsumers(context, {
        ...options,
        filter: filterOf(options),
        kind: options.all === true ? 'discard_all' : 'discard',
        doing: options.all === true ? 'discard everything in the queue of' : 'discard the first event of',
        why: options.reason,
        confirm: options.yes !== true,
      }),
    );
}
