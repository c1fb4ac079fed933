#!/usr/bin/env node
import { createLog } from '../platform/log.ts';
import { localEnv } from '../../scripts/local-env.ts';
import { secretsOf } from '../platform/mask-secrets.ts';
import { maskOutput } from './mask-output.ts';
import { outboxCommand } from './outbox-command.ts';
import { runCommand } from './run-command.ts';

const env = localEnv();
const log = createLog({ name: 'outbox', env, level: 'silent' });
maskOutput(secretsOf(env));
// A reader that has gone (`| head`) is no failure of ours: what was answered so far stays the exit code.
process.stdout.on('error', () => process.exit());
const onAnswer = (exitCode: number): void => {
  process.exitCode = exitCode;
};
process.exitCode = await runCommand(outboxCommand, { env, log, onAnswer }, process.argv);
