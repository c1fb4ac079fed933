import { Command } from 'commander';
import { abandonRebuild } from '../../consumer/rebuild/abandon-rebuild.ts';
import { noRebuild, readRebuild } from '../../consumer/rebuild/rebuild-rows.ts';
import { otherSchema } from '../../consumer/rebuild/state-schemas.ts';
import { isConfirmed } from '../ask.ts';
import type { CommandContext } from '../run-command.ts';
import type { OpenRebuild } from './open-rebuild.ts';
import { withOpenRebuild, withRebuildOptions, type RebuildOptions } from './rebuild-options.ts';

interface Options extends RebuildOptions {
  readonly yes?: true;
}

const HELP = `
Before a swap: the rebuilt state is dropped, the live one was never touched. After a swap: the state from before it is dropped, and there is
no rollback any more.

Exit codes: 0 dropped, 1 there is none, or not confirmed, 2 wrong usage, 3 the database can not be reached.`;

/** `outbox rebuild abandon` */
export function rebuildAbandonCommand(context: CommandContext): Command {
  return withRebuildOptions(new Command('abandon'))
    .description('drop the state that is not live')
    .option('--yes', 'do not ask')
    .addHelpText('after', HELP)
    .action((options: Options) =>
      withOpenRebuild(context, options, (open) => rebuildAbandon(context, open, options)),
    );
}

async function rebuildAbandon(context: CommandContext, open: OpenRebuild, options: Options): Promise<void> {
  const { consumer, schema } = open.definition;
  const rebuild = await readRebuild(open.pool, consumer);
  if (rebuild === undefined) throw noRebuild(consumer);
  const question = `Really drop schema ${otherSchema(schema, rebuild.state)}? It can not be undone.`;
  const asked = { yes: options.yes === true, json: options.json === true };
  if (!(await isConfirmed(question, asked))) {
    context.answerNo();
    return;
  }
  const dropped = await abandonRebuild(open);
  console.log(options.json === true ? JSON.stringify({ consumer, dropped }) : `Dropped schema ${dropped}.`);
}
