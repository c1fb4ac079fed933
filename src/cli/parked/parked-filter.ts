import type { Command } from 'commander';
import { listParked } from '../../operate/parked/list-parked.ts';
import type { ParkedFilter, ParkedKey } from '../../operate/parked/list-parked.ts';
import type { OperatedPipeline, OperatedService } from '../../operate/operated-pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';

export interface FilterOptions extends ParkedFilter {
  readonly json?: true;
}

/** A held key, and the service whose consumer holds it. */
export interface FoundKey {
  readonly service: OperatedService;
  readonly held: ParkedKey;
}

/** `--consumer`, `--key`, `--type` and `--json`; each verb adds by what name it filters by reason. */
export function withFilter(command: Command): Command {
  return command
    .option('--consumer <name>', 'only what this consumer holds')
    .option('--key <key>', 'only this key')
    .option('--type <event>', 'only where the first event in the queue is of this type')
    .option('--json', 'print one JSON document');
}

/** For verbs that only look or try again; where a reason must be given, `--reason` is that, and this is `--matching`. */
export const withReasonFilter = (command: Command): Command =>
  withFilter(command).option('--reason <text>', 'only where code or reason of the failure contain this text');

/**
 * The held keys that fit, over the databases of all services, those held for longest first.
 * @throws PipelineError `usage_invalid` for a consumer that the pipeline does not have
 */
export async function findHeld(pipeline: OperatedPipeline, filter: ParkedFilter): Promise<FoundKey[]> {
  const { consumer } = filter;
  const known = pipeline.services.map((service) => service.consumer);
  if (consumer !== undefined && !known.includes(consumer))
    throw new PipelineError('usage_invalid', `There is no consumer ${consumer}.`, {
      remedy: `Known are: ${known.join(', ')}.`,
    });
  const asked = pipeline.services.filter(
    (service) => consumer === undefined || service.consumer === consumer,
  );
  const found = await Promise.all(
    asked.map(async (service) => (await listParked(service.pool, filter)).map((held) => ({ service, held }))),
  );
  return found.flat().sort((a, b) => a.held.since.getTime() - b.held.since.getTime());
}
