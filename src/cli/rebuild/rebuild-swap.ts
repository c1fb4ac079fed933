import { Command } from 'commander';
import { withRebuild } from '../../consumer/rebuild/open-rebuild.ts';
import { swapStates } from '../../consumer/rebuild/swap-states.ts';
import { durationText } from '../quantities.ts';
import type { CommandContext } from '../run-command.ts';
import { withOpenRebuild, withRebuildOptions, type RebuildOptions } from './rebuild-options.ts';

const HELP = `
In one transaction the consumer is held at its positions, writers of its tables are kept out, the second state is brought to exactly that
point and checked, and the schemas change their names. Readers go on, writers wait for that moment; nothing is answered again, and no event
is lost or applied twice. The state from before is kept, until: npx outbox rebuild abandon; to go back to it: npx outbox rebuild rollback.
Deploy the mended service first: it goes on with the new state by the code that it has.

Exit codes: 0 swapped, 1 refused, 2 wrong usage, 3 something can not be reached.`;

/** `outbox rebuild swap` */
export function rebuildSwapCommand(context: CommandContext): Command {
  return withRebuildOptions(new Command('swap'))
    .description('make the rebuilt state the live one, and keep the other')
    .addHelpText('after', HELP)
    .action((options: RebuildOptions) =>
      withOpenRebuild(context, options, async (open) => {
        const { consumer } = open.definition;
        const { heldMs, kept } = await withRebuild(open, (work) => swapStates(work, 'building'));
        console.log(
          options.json === true
            ? JSON.stringify({ consumer, heldMs, kept })
            : `Swapped: ${consumer} waited for ${durationText(heldMs)}. The state from before is in schema ${kept}.`,
        );
      }),
    );
}
