import { Command } from 'commander';
import type { CommandContext } from '../run-command.ts';
import { openRebuild, type OpenRebuild } from './open-rebuild.ts';

export interface RebuildOptions {
  readonly consumer: string;
  readonly json?: true;
}

/** `--consumer` and `--json` of every verb. */
export const withRebuildOptions = (command: Command): Command =>
  command
    .requiredOption('--consumer <name>', 'whose state; its service may run, and goes on')
    .option('--json', 'print one line of JSON');

/** Opens what the command works on and closes it again, however it ends. */
export async function withOpenRebuild(
  context: CommandContext,
  { consumer }: RebuildOptions,
  use: (open: OpenRebuild) => Promise<void>,
): Promise<void> {
  const open = await openRebuild(context, consumer);
  try {
    await use(open);
  } finally {
    await open.close();
  }
}
