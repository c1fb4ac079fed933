import { createInterface } from 'node:readline/promises';
import { PipelineError } from '../platform/errors.ts';

/**
 * Whether to go on with something that can't be undone: `--yes`, or a person at the terminal, who is shown the question on stderr.
 * @throws PipelineError `usage_invalid` where nobody can be asked
 */
export async function isConfirmed(
  question: string,
  options: { yes: boolean; json: boolean },
): Promise<boolean> {
  if (options.yes) return true;
  if (options.json || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new PipelineError('usage_invalid', 'Nothing was changed: nobody is at a terminal to say yes.', {
      remedy: 'Read what will happen, then add --yes.',
    });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
