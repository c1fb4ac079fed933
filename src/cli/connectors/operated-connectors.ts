import { PipelineError } from '../../platform/errors.ts';
import type { OperatedConnector, OperatedPipeline } from '../../operate/operated-pipeline.ts';

/**
 * The connectors of these names, or all that have a file when none is named. One without a file is taken from Connect, so that what
 * somebody else registered, or whose file is gone already, can be operated too.
 * @param options.all also those of Connect that have no file
 * @throws PipelineError `usage_invalid` for a name that neither has; what Connect says
 */
export async function operatedConnectors(
  pipeline: OperatedPipeline,
  names: readonly string[],
  options: { all?: boolean } = {},
): Promise<readonly OperatedConnector[]> {
  const filed = pipeline.connectors.map(({ file }) => file.name);
  const wanted = names.length > 0 ? [...new Set(names)] : filed;
  const more = options.all === true ? await pipeline.connect.names() : [];
  return Promise.all(
    [...new Set([...wanted, ...more])].map(
      async (name) =>
        pipeline.connectors.find(({ file }) => file.name === name) ?? (await fromConnect(pipeline, name)),
    ),
  );
}

async function fromConnect(pipeline: OperatedPipeline, name: string): Promise<OperatedConnector> {
  const config = await pipeline.connect.config(name);
  if (config !== undefined) {
    const service = pipeline.services.find(({ database }) => database === config['database.dbname']);
    return { file: { name, config }, service };
  }
  const known = pipeline.connectors.map(({ file }) => file.name).join(', ');
  throw new PipelineError(
    'usage_invalid',
    `There is no connector ${name}, neither as a file nor in Kafka Connect.`,
    {
      remedy: known === '' ? 'See: npx outbox connectors status --all.' : `Files there are for: ${known}.`,
    },
  );
}
