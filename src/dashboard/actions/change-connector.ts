import { pauseConnector, restartConnector, resumeConnector } from '../../operate/change/change-state.ts';
import type { OperatedPipeline } from '../../operate/operated-pipeline.ts';
import { notFound } from '../../platform/http/problem.ts';
import type { Said } from '../dashboard-state.ts';
import { asProblem } from './as-problem.ts';

export type ConnectorVerb = 'restart' | 'pause' | 'resume';

const WITHIN_MS = 30_000;

/**
 * Does what `outbox connectors restart|pause|resume` does, with the same refusals, and waits until it is so.
 * @throws HttpProblem 404 for a connector without a file, else what went wrong in one sentence
 */
export async function changeConnector(
  { connect, connectors }: Pick<OperatedPipeline, 'connect' | 'connectors'>,
  verb: ConnectorVerb,
  { name, task }: { readonly name: string; readonly task?: number | undefined },
): Promise<Said> {
  const connector = connectors.find(({ file }) => file.name === name);
  if (connector === undefined) throw notFound(`There is no connector ${name}.`);
  const options = { timeoutMs: WITHIN_MS };
  try {
    if (verb === 'pause') {
      await pauseConnector(connect, connector, options);
      return { said: `${name} is paused; Postgres keeps the log for it until it is resumed.` };
    }
    if (verb === 'resume') {
      await resumeConnector(connect, connector, options);
      return { said: `${name} runs again.` };
    }
    await restartConnector(connect, connector, { ...options, ...(task !== undefined && { task }) });
    return {
      said: task === undefined ? `${name} was restarted and runs.` : `Task ${task} of ${name} runs again.`,
    };
  } catch (error) {
    throw asProblem(error);
  }
}
