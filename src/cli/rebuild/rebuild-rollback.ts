import { Command } from 'commander';
import { withRebuild } from '../../consumer/rebuild/open-rebuild.ts';
import { swapStates } from '../../consumer/rebuild/swap-states.ts';
import { durationText } from '../quantities.ts';
import type { CommandContext } from '../run-command.ts';
import { withOpenRebuild, withRebuildOptions, type RebuildOptions } from './rebuild-options.ts';

const HELP = `
A swap the other way: what happened since is replayed onto the state from before, by the code of this checkout, then the two change their
places. The other state is kept, so that a second rollback goes forward again.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 something can not be reached.`;

/** `outbox rebuild rollback` */
export function rebuildRollbackCommand(context: CommandContext): Command {
  return withRebuildOptions(new Command('rollback'))
    .description('go back to the state from before the swap')
    .addHelpText('after', HELP)
    .action((options: RebuildOptions) =>
      withOpenRebuild(context, options, async (open) => {
        const { consumer } = open.definition;
        const { heldMs, kept } = await withRebuild(open, (work) => swapStates(work, 'swapped'));
        console.log(
          options.json === true
            ? JSON.stringify({ consumer, heldMs, kept })
            : `Rolled back: ${consumer} waited for ${durationText(heldMs)}. The state from before is in schema ${kept}.`,
        );
      }),
    );
}
