import type { Command } from 'commander';
import type { ParkedFilter } from '../../operate/parked/list-parked.ts';
import { PipelineError } from '../../platform/errors.ts';
import type { AskOptions } from './ask-consumers.ts';
import { withFilter } from './parked-filter.ts';

/** Of verbs by which an event is never applied. */
export interface DecisionOptions extends AskOptions {
  /** Why; not a filter here. */
  readonly reason: string;
  readonly matching?: string;
  readonly yes?: true;
}

export function withDecisionOptions(command: Command): Command {
  return withFilter(command)
    .option('--matching <text>', 'only where code or reason of the failure contain this text')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .option('--yes', 'do it without asking');
}

/** @throws PipelineError `usage_invalid` for a reason that is empty */
export function filterOf({ consumer, key, type, matching, reason }: DecisionOptions): ParkedFilter {
  if (reason.trim() === '')
    throw new PipelineError('usage_invalid', 'The reason is empty.', {
      remedy: 'Say why: it is all that will be left of the event.',
    });
  return {
    ...(consumer !== undefined && { consumer }),
    ...(key !== undefined && { key }),
    ...(type !== undefined && { type }),
    ...(matching !== undefined && { reason: matching }),
  };
}
