import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { askConsumers, withAskOptions } from './ask-consumers.ts';
import { filterOf, withDecisionOptions, type DecisionOptions } from './decision-options.ts';

const HELP = `
Goes on without the sequences that are missing before the first queued event of each waiting key that fits. Should one of them come
after all, it is not applied. First see whether they are lost at all: npx outbox audit finds them, and --repair says them again.
Who did it, when and why stays in pipeline.parked_decisions. Without --yes it asks on the terminal.

Exit codes: 0 every key flows again, 1 one is still held or not done yet, 2 wrong usage, 3 a database can not be reached.

  npx outbox parked skip --key customer-17 --reason "lost with the disk of 12 May, refunded by hand"`;

/** `outbox parked skip` */
export function parkedSkipCommand(context: CommandContext): Command {
  return withDecisionOptions(withAskOptions(new Command('skip')))
    .description('let waiting keys go on without the events that are missing')
    .addHelpText('after', HELP)
    .action((options: DecisionOptions) =>
      askConsumers(context, {
        ...options,
        filter: filterOf(options),
        kind: 'skip',
        doing: 'skip what is missing of',
        why: options.reason,
        confirm: options.yes !== true,
      }),
    );
}
