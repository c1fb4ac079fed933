import type { ConnectClient } from '../../connect/connect-client.ts';
import type { ConnectorConfig } from '../../connect/connector-file.ts';
import { HEARTBEAT_PREFIX, heartbeatTopic } from '../../connect/heartbeat-topic.ts';
import { describeError, PipelineError } from '../../platform/errors.ts';
import { readCluster } from '../../platform/kafka/read-cluster.ts';
import { isNobodyThere } from '../../platform/postgres/postgres-errors.ts';
import { readEndOfLog } from '../diagnose/connector-facts.ts';
import { diagnoseConnector } from '../diagnose/diagnose-connector.ts';
import { losesEvents } from '../diagnose/loses-events.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';

/**
 * What must be so before a connector's task starts: nothing keeps it from going on without losing an event, and its topics exist.
 * @returns what could not be checked from here, a sentence each
 * @throws PipelineError `connector_unhealthy`, `topic_missing`, `database_unreachable`; what Connect says
 */
export async function preflightConnector(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
): Promise<string[]> {
  const { name, config } = connector.file;
  const [database, topics] = await Promise.all([
    checkPosition(connector, pipeline.connect),
    checkTopics(pipeline, name, config),
  ]);
  return [...database, ...topics];
}

/**
 * Asked before anything is touched: without its database nobody knows whether slot and offset fit, and a connector that was changed and
 * then not resumed would be worse than one that was left as it is.
 * @throws PipelineError `database_unreachable`
 */
export async function refuseWithoutDatabase(connector: OperatedConnector): Promise<void> {
  try {
    if (connector.service !== undefined) await readEndOfLog(connector.service.pool);
  } catch (error) {
    // Whatever else Postgres says is said where it matters.
    if (isNobodyThere(error)) throw databaseAway(connector, error);
  }
}

function databaseAway({ file, service }: OperatedConnector, error: unknown): PipelineError {
  return new PipelineError(
    'database_unreachable',
    `${file.name}: database ${service?.database ?? ''} can't be reached (${describeError(error)}), so whether its slot and publication fit can't be checked.`,
    {
      remedy: `Start it, or mend ${service?.name.toUpperCase() ?? ''}_OPS_DATABASE_URL, then apply again.`,
      cause: error,
    },
  );
}

async function checkPosition(connector: OperatedConnector, connect: ConnectClient): Promise<string[]> {
  const { file, service } = connector;
  if (service === undefined)
    return [
      `slot and publication were not checked: no service of src/pipeline.ts has the database of ${file.name}`,
    ];
  try {
    const finding = losesEvents(await diagnoseConnector(connector, connect));
    if (finding === undefined) return [];
    throw new PipelineError('connector_unhealthy', `${file.name}: ${finding.sentence}`, {
      remedy:
        finding.mend === 'none'
          ? 'Then apply again.'
          : `Mend it with: npx outbox connectors heal ${file.name}`,
    });
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    if (isNobodyThere(error)) throw databaseAway(connector, error);
    throw new PipelineError(
      'connector_unhealthy',
      `${file.name}: its database can't be checked: ${describeError(error)}.`,
      { remedy: 'Bring its tables up to date with npm run setup, then apply again.', cause: error },
    );
  }
}

/**
 * A connector waits for ever, RUNNING, for a topic that does not exist.
 * @returns what could not be checked from here, a sentence each
 * @throws PipelineError `topic_missing`
 */
export async function checkTopics(
  pipeline: OperatedPipeline,
  name: string,
  config: ConnectorConfig,
): Promise<string[]> {
  const wanted = topicsOf(pipeline, config);
  try {
    const { topics } = await readCluster(pipeline.kafka, wanted);
    const missing = wanted.filter((topic) => !topics.has(topic));
    if (missing.length === 0) return [];
    throw new PipelineError(
      'topic_missing',
      `${name} would wait for ever for ${missing.length === 1 ? 'a topic that does' : 'topics that do'} not exist: ${missing.join(', ')}.`,
      {
        remedy:
          'Create them with npx outbox topics apply (a heartbeat topic must stand in src/contracts/catalogue.ts), then apply again.',
      },
    );
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'kafka_unreachable') throw error;
    return [`topics were not checked: ${describeError(error)}`];
  }
}

/** The catalogue's topics but for heartbeats of other connectors, and its own heartbeats. */
export function topicsOf({ topics }: OperatedPipeline, config: ConnectorConfig): string[] {
  const prefix = config['topic.heartbeat.prefix'] ?? HEARTBEAT_PREFIX;
  const interval = Number(config['heartbeat.interval.ms'] ?? 0);
  const heartbeats = interval > 0 ? [heartbeatTopic(config)] : [];
  const events = topics.map(({ name }) => name).filter((topic) => !topic.startsWith(`${prefix}.`));
  return [...events, ...heartbeats];
}
