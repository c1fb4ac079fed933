#!/usr/bin/env node
import { Command } from 'commander';
import { createLog } from '../platform/log.ts';
import { localEnv } from '../../scripts/local-env.ts';
import { runCommand } from './run-command.ts';
import { schemasApply } from './schemas-apply.ts';
import { topicsApply } from './topics-apply.ts';

const env = localEnv();
const context = { env, log: createLog({ name: 'outbox', level: env['LOG_LEVEL'] ?? 'silent' }) };

const outbox = new Command('outbox')
  .description(
    'Operate the outbox pipeline. Addresses come from the environment (.env.example lists the variables).',
  )
  .addHelpText(
    'after',
    '\nExit codes: 0 fine, 1 what was asked for is not so, 2 wrong usage, 3 something can not be reached.',
  )
  .showHelpAfterError('(outbox --help shows the commands)')
  .exitOverride();

const schemas = outbox.command('schemas').description('what may be said: schemas/*.avsc and the registry');
schemas
  .command('apply')
  .description('register every schema and write the ids into the databases of the services that write events')
  .option('--json', 'print one JSON document')
  .action((options: { json?: boolean }) => schemasApply(context, options));

const topics = outbox.command('topics').description('the topics that the catalogue declares');
topics
  .command('apply')
  .description(
    'create missing topics and set their declared settings; never deletes, never changes partitions',
  )
  .option('--json', 'print one JSON document')
  .action((options: { json?: boolean }) => topicsApply(context, options));

process.exitCode = await runCommand(outbox, process.argv);
