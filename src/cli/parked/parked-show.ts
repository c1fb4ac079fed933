import { Command } from 'commander';
import { readDecisions, readQueue, readStack } from '../../operate/parked/show-parked.ts';
import { openPipeline } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';
import { countOption } from '../count-option.ts';
import { findHeld, withReasonFilter, type FilterOptions, type FoundKey } from './parked-filter.ts';
import { decisionLines, heldLines, queueLines } from './parked-lines.ts';

interface Options extends FilterOptions {
  readonly events: number;
}

const HELP = `
Exit codes: 0 shown, 1 no held key fits, 2 wrong usage, 3 a database can not be reached.

  npx outbox parked show --key customer-17
  npx outbox parked show --consumer inventory --type OrderPlaced --events 3`;

/** `outbox parked show` */
export function parkedShowCommand(context: CommandContext): Command {
  return withReasonFilter(new Command('show'))
    .description('held keys with their queue, the stack of the failure and what was decided before')
    .option('--events <number>', 'events of each queue to show', countOption, 10)
    .addHelpText('after', HELP)
    .action((options: Options) => parkedShow(context, options));
}

async function parkedShow(context: CommandContext, options: Options): Promise<void> {
  const pipeline = await openPipeline(context);
  try {
    const found = await findHeld(pipeline, options);
    const shown = await Promise.all(found.map((one) => readAll(one, options.events)));
    if (options.json === true) console.log(JSON.stringify(shown));
    else if (shown.length === 0) console.log('No held key fits.');
    else
      for (const { held, stack, queue, decisions } of shown)
        console.log(
          [
            ...heldLines([held], new Date()),
            ...(stack === null ? [] : ['', ...stack.split('\n').map((line) => `  ${line}`)]),
            '',
            'queue (sequence, type, event):',
            ...queueLines(queue, held.events),
            ...(decisions.length === 0 ? [] : ['', 'decided before:', ...decisionLines(decisions)]),
            '',
          ].join('\n'),
        );
    if (shown.length === 0) context.answerNo();
  } finally {
    await pipeline.close();
  }
}

async function readAll({ service: { pool }, held }: FoundKey, events: number) {
  return {
    held,
    stack: await readStack(pool, held),
    queue: await readQueue(pool, held, events),
    decisions: await readDecisions(pool, held, events),
  };
}
