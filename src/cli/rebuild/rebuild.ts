import { Command } from 'commander';
import { PipelineError } from '../../platform/errors.ts';

const VERBS = ['start', 'status', 'swap', 'abandon', 'rollback'];

/** `outbox rebuild …`: the name is taken, and every verb refuses before it reaches anything. */
export function rebuildCommand(): Command {
  const rebuild = new Command('rebuild').description(
    'build a second state of a consumer beside the live one (not there yet: every verb refuses)',
  );
  for (const verb of VERBS)
    rebuild.addCommand(
      new Command(verb)
        .description('refuses: not there yet')
        .option('--consumer <name>', 'whose state')
        .action(() => refuse(verb)),
    );
  return rebuild;
}

function refuse(verb: string): never {
  throw new PipelineError(
    'rebuild_missing',
    `Nothing was read or changed: rebuild ${verb} is not there yet.`,
    {
      remedy:
        'Do not set positions back instead: events that are recorded as processed are passed over, so it would rebuild nothing.',
    },
  );
}
