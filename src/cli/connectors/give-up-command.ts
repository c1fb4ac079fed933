import { spawn } from 'node:child_process';
import type { GivenUp } from '../../operate/watch/heal-once.ts';

const WITHIN_MS = 60_000;

/**
 * Runs the command in a shell, told by its environment: OUTBOX_CONNECTOR, OUTBOX_TASK (a number; empty for the connector itself)
 * and OUTBOX_TRACE, the failure's first line. What it prints goes nowhere, since a picture may be on the terminal.
 * @returns what went wrong with it, in a sentence
 */
export function runGiveUpCommand(
  command: string,
  { connector, part, problem }: GivenUp,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: WITHIN_MS,
    env: {
      ...env,
      OUTBOX_CONNECTOR: connector,
      OUTBOX_TASK: /^task (\d+)$/.exec(part)?.[1] ?? '',
      OUTBOX_TRACE: problem,
    },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2_000);
  });
  child.on('error', (error) =>
    resolve(`The command of --on-give-up could not be started: ${error.message}.`),
  );
  child.on('close', (code, signal) => {
    if (code === 0) {
      resolve(undefined);
      return;
    }
    const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with code ${code}`;
    const last = said.trim().split('\n').at(-1) ?? '';
    resolve(`The command of --on-give-up ${how}${last === '' ? '' : `: ${last}`}.`);
  });
  return promise;
}
