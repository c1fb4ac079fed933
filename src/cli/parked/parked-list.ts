import { Command } from 'commander';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { findHeld, withReasonFilter, type FilterOptions } from './parked-filter.ts';
import { heldLines } from './parked-lines.ts';

const HELP = `
parked: an event fails for good. Its key is held: later events of the key queue behind it, all other keys flow.
  Mend the cause, then: npx outbox parked redrive; or pass over the event: npx outbox parked discard.
waiting: an event is missing. The key goes on by itself when it comes: npx outbox audit --repair says it again
  if it was lost. To go on without it: npx outbox parked skip.

Exit codes: 0 done (held or not), 2 wrong usage, 3 a database can not be reached.`;

/** `outbox parked list` */
export function parkedListCommand(context: CommandContext): Command {
  return withReasonFilter(new Command('list'))
    .description('the keys that consumers hold, and why')
    .addHelpText('after', HELP)
    .action((options: FilterOptions) => parkedList(context, options));
}

async function parkedList(context: CommandContext, options: FilterOptions): Promise<void> {
  const pipeline = await openPipeline(context);
  try {
    const held = (await findHeld(pipeline, options)).map((found) => found.held);
    console.log(options.json === true ? JSON.stringify(held) : heldLines(held, new Date()).join('\n'));
  } finally {
    await pipeline.close();
  }
}
