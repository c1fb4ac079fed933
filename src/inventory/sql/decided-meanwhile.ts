import { PipelineError } from '../../platform/errors.ts';

/**
 * Another transaction decided about one of our orders or returns after we looked. Only possible when events of one order
 * come under two keys, since a key's events are applied one after the other. Retried as a race: the next try sees it.
 */
export function decidedMeanwhile(what: string): PipelineError {
  return new PipelineError('dedupe_race', `Another transaction decided about ${what} in the meantime.`, {
    remedy: 'Nothing to do: the next try sees what the other one has committed.',
  });
}
